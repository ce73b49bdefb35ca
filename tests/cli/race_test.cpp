// `gobench race` with programs that write what the detector in a checked program writes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/program.hpp"
#include "tests/cli/process.hpp"

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string race_line(const std::string& fingerprint, const std::string& folder,
                      const std::string& by = "null") {
  return R"({"kind":"data-race","type":"race","message":"data race on counter","fingerprint":")" +
         fingerprint + R"(","suppressed_by":)" + by +
         R"(,"accesses":[{"op":"write","size":4,"task":{"id":2,"name":"worker","kind":"thread"},"stack":[{"function":"add","file":")" +
         folder +
         R"(/app.cpp","line":10}]}],"object":null,"advice":"Lock both.","time":"2026-11-25T00:00:00Z"})";
}

// A folder with a script that does what a checked program does, and then `body`.
class checked : public ::testing::Test {
 protected:
  void program(const std::string& body, const std::string& name = "app") const {
    here.write(name,
               "#!/bin/sh\n"
               "file=$(printf '%s' \"$GOBENCH_RACE\" | sed 's/.*findings=\\([^:]*\\).*/\\1/')\n"
               "tell() { printf '%s\\n' \"$1\" >> \"$file\"; }\n"
               "tell '{\"event\":\"start\",\"pid\":'$$',\"program\":\"app\"}'\n" +
                   body + "\n");
    ::chmod(here.path(name).c_str(), 0755);
  }
  std::string tell_race(const std::string& fingerprint, const std::string& by = "null") const {
    return "tell '" + race_line(fingerprint, here.path(), by) + "'\n";
  }
  outcome race(std::vector<std::string> arguments,
               std::map<std::string, std::string> environment = {}) const {
    arguments.insert(arguments.begin(), "race");
    return run({.arguments = std::move(arguments),
                .environment = std::move(environment),
                .directory = here.path()});
  }
  nlohmann::json json(const std::string& name) const {
    return nlohmann::json::parse(here.read(name));
  }

  const scratch here;
};

TEST_F(checked, nothing_found_is_the_programs_own_exit_code) {
  program("echo out; echo err >&2; exit 7");
  const outcome found = race({"./app"});
  EXPECT_EQ(found.code, 7);
  EXPECT_EQ(found.out, "out\n");
  EXPECT_TRUE(has(found.err, "err\n")) << found.err;
  EXPECT_TRUE(has(found.err, "gobench race: no findings; run again: ")) << found.err;
}

TEST_F(checked, a_finding_is_66_with_all_outputs_and_the_command_to_repeat) {
  program(tell_race("a1") + "exit 7");
  const outcome found = race({"--json", "r.json", "--sarif", "r.sarif", "--junit", "r.xml",
                              "--markdown", "r.md", "./app", "x y"});
  EXPECT_EQ(found.code, 66) << found.err;
  const std::string last = lines_of(found.err).back();
  EXPECT_TRUE(has(last, "1 finding (1 new); written to r.json, r.xml, r.md, r.sarif; run again: "))
      << last;
  EXPECT_TRUE(
      has(last, "race --json r.json --sarif r.sarif --junit r.xml --markdown r.md ./app 'x y'"))
      << last;
  const auto document = json("r.json");
  EXPECT_EQ(document.at("complete"), true);
  EXPECT_EQ(document.at("exit_code"), 7);
  EXPECT_EQ(document.at("command"), (std::vector<std::string>{"./app", "x y"}));
  EXPECT_EQ(json("r.sarif")
                .at("runs")[0]
                .at("results")[0]
                .at("locations")[0]
                .at("physicalLocation")
                .at("artifactLocation")
                .at("uri"),
            "app.cpp");
  EXPECT_TRUE(has(here.read("r.xml"), "failures=\"1\""));
  EXPECT_TRUE(has(here.read("r.md"), "add at app.cpp:10"));
}

TEST_F(checked, arguments_of_the_program_are_its_own) {
  program("printf '<%s>' \"$@\"; exit 0");
  EXPECT_EQ(race({"./app", "--json", "x", "--help", "--", "-q"}).out,
            "<--json><x><--help><--><-q>");
  EXPECT_EQ(race({"--", "./app", "--version"}).out, "<--version>");
  EXPECT_FALSE(here.has("x"));
}

TEST_F(checked, standard_input_is_the_programs_own) {
  program("exec cat");
  here.write("input", "from the user\n");
  const outcome found = run({.directory = here.path(), .instead = [] {
                               const int input = ::open("input", O_RDONLY);
                               ::dup2(input, 0);
                               const std::vector<const char*> words = {"gobench", "race", "./app"};
                               return gobench::cli::run_program(3, words.data());
                             }});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_EQ(found.out, "from the user\n");
}

TEST_F(checked, findings_are_on_disk_before_the_program_ends) {
  program(tell_race("a1") + "while ! [ -e go ]; do sleep 0.02; done");
  child running({.arguments = {"race", "--json", "r.json", "--junit", "r.xml", "./app"},
                 .directory = here.path()});
  while (!running.ended() && !has(here.read("r.json"), "\"fingerprint\": \"a1\"")) {
  }
  ASSERT_FALSE(running.ended());
  // Killed now, nothing of it is lost, and it does not look as if it had passed.
  running.send(SIGKILL);
  here.write("go", "");  // the program has our pipes, and outlives it
  EXPECT_EQ(running.wait().signal, SIGKILL);
  EXPECT_EQ(json("r.json").at("complete"), false);
  EXPECT_EQ(json("r.json").at("findings").size(), 1U);
}

TEST_F(checked, a_program_that_is_killed_leaves_what_it_has_found) {
  program(tell_race("a1") + "kill -9 $$");
  const outcome found = race({"--json", "r.json", "./app"});
  EXPECT_EQ(found.code, 66);
  EXPECT_TRUE(has(found.err, "./app was ended by signal 9 (Killed)")) << found.err;
  EXPECT_EQ(json("r.json").at("signal"), 9);
  EXPECT_EQ(json("r.json").at("findings").size(), 1U);
}

TEST_F(checked, a_signal_without_finding_is_128_and_its_number) {
  program("kill -SEGV $$");
  const outcome found = race({"./app"});
  EXPECT_EQ(found.code, 128 + SIGSEGV);
  EXPECT_TRUE(has(found.err, "ended by signal 11")) << found.err;
}

class passed_on : public checked, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(signals, passed_on, ::testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST_P(passed_on, signals_reach_the_program) {
  program("trap 'echo caught; exit 9' INT TERM HUP\n: > ready\nwhile :; do sleep 0.02; done");
  child running({.arguments = {"race", "./app"}, .directory = here.path()});
  while (!running.ended() && !here.has("ready")) {
  }
  running.send(GetParam());
  const outcome found = running.wait();
  EXPECT_EQ(found.code, 9) << found.err;
  EXPECT_EQ(found.out, "caught\n");
}

TEST_F(checked, what_processes_of_the_program_find_counts_too) {
  program("(" + tell_race("a1") + ") & wait; sh -c 'exit 0'; " + tell_race("b2"));
  const outcome found = race({"--json", "r.json", "./app"});
  EXPECT_EQ(found.code, 66);
  EXPECT_EQ(json("r.json").at("findings").size(), 2U);
}

TEST_F(checked, a_baseline_lets_known_ones_pass_and_new_and_expired_ones_fail) {
  program(tell_race("a1"));
  here.write(
      "known.json",
      R"({"version":1,"findings":[{"fingerprint":"a1","owner":"me","expires":"2999-01-01"}]})");
  outcome found = race({"--baseline", "known.json", "--json", "r.json", "./app"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_TRUE(has(found.err, "1 finding (1 known)")) << found.err;
  EXPECT_EQ(json("r.json").at("findings")[0].at("status"), "known");

  here.write(
      "known.json",
      R"({"version":1,"findings":[{"fingerprint":"a1","owner":"me","expires":"2020-01-01"}]})");
  found = race({"--baseline", "known.json", "./app"});
  EXPECT_EQ(found.code, 66);
  EXPECT_TRUE(has(found.err, "1 finding (1 expired)")) << found.err;

  program(tell_race("new"));
  EXPECT_EQ(race({"--baseline", "known.json", "./app"}).code, 66);
}

TEST_F(checked, a_baseline_is_made_and_updated_and_never_un_expires) {
  program(tell_race("a1") + "exit 3");
  outcome found = race({"--baseline", "known.json", "./app"});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "known.json cannot be read")) << found.err;

  found = race({"--baseline", "known.json", "--update-baseline", "./app"});
  EXPECT_EQ(found.code, 3) << found.err;
  EXPECT_TRUE(has(found.err, "known.json has 1 finding now, 1 of them new")) << found.err;
  EXPECT_EQ(race({"--baseline", "known.json", "./app"}).code, 3);

  auto document = json("known.json");
  document["findings"][0]["expires"] = "2020-01-01";
  document["findings"][0]["owner"] = "me";
  here.write("known.json", document.dump());
  found = race({"--baseline", "known.json", "--update-baseline", "./app"});
  EXPECT_EQ(found.code, 66);
  EXPECT_TRUE(has(found.err, "1 expired and still fails")) << found.err;
  EXPECT_EQ(json("known.json").at("findings")[0].at("expires"), "2020-01-01");
  EXPECT_EQ(json("known.json").at("findings")[0].at("owner"), "me");
}

TEST_F(checked, suppressed_ones_pass_and_are_counted) {
  program(tell_race("a1", "\"race:add\""));
  here.write("quiet.txt", "# ours\nrace:add\n\nmutex:x\n");
  const outcome found = race({"--suppressions", "quiet.txt", "./app"});
  EXPECT_EQ(found.code, 0);
  EXPECT_TRUE(has(found.err, "1 finding (1 suppressed)")) << found.err;
}

TEST_F(checked, options_reach_the_detector_flags_before_the_environment) {
  program("printf '%s' \"$GOBENCH_RACE\"");
  const outcome found =
      race({"--halt-on-error", "--report-bugs=false", "--option", "memory_limit_mb=64", "--record",
            "a b:c", "--verbosity", "2", "./app"},
           {{"GOBENCH_RACE", "verbosity=1,history_size=5 log_path='x:y'"}});
  EXPECT_EQ(found.code, 0) << found.err;
  for (const char* part :
       {"halt_on_error=true", "report_bugs=false", "memory_limit_mb=64", "verbosity=2",
        "history_size=5", "log_path=\"x:y\"", "exitcode=0", "/a b:c\"", "record=\"/"}) {
    EXPECT_TRUE(has(found.out, part)) << part << " in " << found.out;
  }
  EXPECT_FALSE(has(found.out, "verbosity=1")) << found.out;
}

TEST_F(checked, the_exit_code_of_findings_can_be_chosen) {
  program(tell_race("a1") + "exit 3");
  EXPECT_EQ(race({"--exitcode", "77", "./app"}).code, 77);
  EXPECT_EQ(race({"./app"}, {{"GOBENCH_RACE", "exitcode=78"}}).code, 78);
}

TEST_F(checked, quiet_says_one_line_where_the_gate_fails_and_nothing_where_it_does_not) {
  program(tell_race("a1") + "printf '%s' \"$GOBENCH_RACE\"");
  const outcome failing = race({"--quiet", "./app"});
  EXPECT_EQ(lines_of(failing.err).size(), 1U) << failing.err;
  EXPECT_TRUE(has(failing.out, "print_report=false")) << failing.out;
  program("exit 0");
  EXPECT_EQ(race({"--quiet", "./app"}).err, "");
}

TEST_F(checked, at_most_so_many_findings_are_written_and_all_are_counted) {
  program(tell_race("a1") + tell_race("b2") + tell_race("c3"));
  const outcome found = race({"--max-findings", "2", "--json", "r.json", "./app"});
  EXPECT_EQ(found.code, 66);
  EXPECT_TRUE(has(found.err, "3 findings (3 new)")) << found.err;
  EXPECT_TRUE(has(found.err, "1 further finding is left out")) << found.err;
  EXPECT_EQ(json("r.json").at("findings").size(), 2U);
  EXPECT_EQ(json("r.json").at("counts").at("left_out"), 1);
}

TEST_F(checked, github_gets_annotations_and_a_summary_after_what_is_there) {
  program(tell_race("a1"));
  here.write("summary.md", "before\n");
  const outcome found = race(
      {"./app"}, {{"GITHUB_ACTIONS", "true"}, {"GITHUB_STEP_SUMMARY", here.path("summary.md")}});
  EXPECT_EQ(found.code, 66);
  EXPECT_TRUE(
      has(found.err, "::error file=app.cpp,line=10,title=data race (new)::data race on counter"))
      << found.err;
  EXPECT_TRUE(here.read("summary.md").starts_with("before\n## gobench race: ./app\n"))
      << here.read("summary.md");
  EXPECT_EQ(race({"./app"}).err.find("::error"), std::string::npos);
}

TEST_F(checked, lines_that_cannot_be_read_do_not_pass) {
  program("tell nonsense");
  outcome found = race({"./app"});
  EXPECT_EQ(found.code, 5);
  EXPECT_TRUE(has(found.err, "1 line of the detector could not be read")) << found.err;
  program("printf '{\"kind\":\"data-r' >> \"$file\"");  // ended while it wrote
  EXPECT_EQ(race({"./app"}).code, 5);
}

TEST_F(checked, an_output_on_a_full_disk_is_told_and_does_not_pass) {
  program("exit 0");
  outcome found = race({"--json", "/dev/full", "./app"});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "cannot be written: /dev/full: No space left on device")) << found.err;
  program(tell_race("a1"));
  found = race({"--json", "/dev/full", "--junit", "r.xml", "./app"});
  EXPECT_EQ(found.code, 66);
  EXPECT_TRUE(has(here.read("r.xml"), "failures=\"1\""));  // the others go on
}

TEST_F(checked, what_cannot_be_is_told_before_the_program_starts) {
  program(": > started");
  here.write("wrong.txt", "race:a\nrase:b\n");
  here.write("broken.json", "{");
  struct mistake {
    std::vector<std::string> arguments;
    int code;
    std::string said;
  };
  const std::vector<mistake> all = {
      {{"--json", "nowhere/r.json", "./app"}, 4, "nowhere/r.json"},
      {{"--suppressions", "nowhere.txt", "./app"},
       4,
       "The suppressions in nowhere.txt cannot be read: No such file"},
      {{"--suppressions", ".", "./app"}, 4, "Is a directory"},
      {{"--suppressions", "wrong.txt", "./app"}, 4, "wrong.txt:2: \"rase:b\" is no suppression"},
      {{"--baseline", "broken.json", "./app"}, 4, "broken.json cannot be used"},
      {{"--baseline", "nowhere/x.json", "--update-baseline", "./app"}, 4, "nowhere/x.json"},
      {{"--update-baseline", "./app"}, 2, "add --baseline FILE"},
      {{"--json", "x", "--sarif", "./x", "./app"}, 2, "given as output twice"},
      {{"--max-findings", "0", "./app"}, 2, "--max-findings takes a whole number from 1"},
      {{"--option", "halt_on_eror=1", "./app"}, 2, "did you mean halt_on_error?"},
      {{"--option", "verbosity", "./app"}, 2, "has no value"},
      {{"--option", "findings=x", "./app"}, 2, "use --json FILE"},
      {{"--verbosity", "much", "./app"}, 2, "takes a whole number from 0"},
      {{"--jsno", "x", "./app"}, 2, "did you mean --json?"},
      {{}, 2, "gobench race needs the program to check"},
      {{"./none"}, 4, "There is no program ./none"},
      {{"none-such-program"}, 4, "There is no program none-such-program"},
      {{"."}, 4, ". is a folder"},
      {{"./wrong.txt"}, 4, "./wrong.txt may not be executed; chmod +x"},
  };
  for (const mistake& one : all) {
    const outcome found = race(one.arguments);
    EXPECT_EQ(found.code, one.code) << one.said << "\n" << found.err;
    EXPECT_TRUE(has(found.err, one.said)) << found.err;
    EXPECT_EQ(lines_of(found.err).size(), 1U) << found.err;
    EXPECT_FALSE(here.has("started")) << one.said;
  }
  const outcome found = race({"./app"}, {{"GOBENCH_RACE", "verbosity=much"}});
  EXPECT_EQ(found.code, 2);
  EXPECT_TRUE(has(found.err, "GOBENCH_RACE: verbosity takes")) << found.err;
}

// Programs that are no scripts: that of the system, with words in it by which a detector is known.
class real_program : public checked {
 protected:
  std::string copy_with(const std::string& name, const std::string& words) const {
    std::filesystem::copy_file("/bin/true", here.path(name));
    here.write(name, here.read(name) + words);
    ::chmod(here.path(name).c_str(), 0755);
    return "./" + name;
  }
};

TEST_F(real_program, without_instrumentation_is_refused_with_the_flag_to_add) {
  const std::string plain = copy_with("plain", "");
  outcome found = race({plain});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "./plain is not instrumented")) << found.err;
  EXPECT_TRUE(has(found.err, "gobench cxx")) << found.err;
  EXPECT_TRUE(has(found.err, "gobench::check")) << found.err;
  found = race({"--children", plain});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "started nothing that is instrumented")) << found.err;
}

TEST_F(real_program, with_the_compilers_own_detector_is_refused) {
  const outcome found = race({copy_with("theirs", "ThreadSanitizer: data race")});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "compiler's own ThreadSanitizer")) << found.err;
}

TEST_F(real_program, whose_detector_does_not_report_in_does_not_pass) {
  const outcome found = race({copy_with("silent", "GOBENCH_RACE")});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "did not report in, so nothing was checked")) << found.err;
}

TEST_F(real_program, that_is_statically_linked_or_of_another_machine_is_refused) {
  // The head of an ELF file without segments: nothing that loads libraries.
  std::string head(64, '\0');
  head.replace(0, 7,
               "\x7f"
               "ELF\x02\x01\x01");
  head[18] = 0x3e;  // x86-64
  here.write("static", head);
  head[18] = static_cast<char>(0xb7);  // AArch64
  here.write("other", head);
  for (const auto& [name, said] :
       {std::pair{"static", "is statically linked"}, std::pair{"other", "another kind"}}) {
    ::chmod(here.path(name).c_str(), 0755);
    const outcome found = race({std::string("./") + name});
    EXPECT_EQ(found.code, 4);
    EXPECT_TRUE(has(found.err, said)) << found.err;
  }
}

TEST_F(checked, a_script_that_starts_nothing_checked_does_not_pass) {
  here.write("script", "exit 0\n");  // without #!, as a shell would run it
  ::chmod(here.path("script").c_str(), 0755);
  const outcome found = race({"./script"});
  EXPECT_EQ(found.code, 4);
  EXPECT_TRUE(has(found.err, "started nothing that is instrumented")) << found.err;
  here.write("script", "exit 5\n");
  EXPECT_EQ(race({"./script"}).code, 5);
}

TEST(race_help, lists_every_option_of_the_detectors_table) {
  const outcome found = typed({"race", "--help"});
  EXPECT_EQ(found.code, 0);
  for (const char* part : {"--halt-on-error", "--history-size", "--report-atomic-races",
                           "--memory-limit-mb", "--log-path", "--sarif", "--self-test"}) {
    EXPECT_TRUE(has(found.out, part)) << part;
  }
}

}  // namespace
