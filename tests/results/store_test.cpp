// The store gives back what it was given, whatever happens to those who write to it.
#include "results/store.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <map>
#include <random>

#include "results/store/sqlite.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> pieces = {"a",    "B",      " ", ",",  "\"", "'",
                                                  "\n",   "\r\n",   "é", "日", "\t", "\x01",
                                                  "\xff", "%s; --", "",  "nan"};
  std::string made;
  for (std::size_t i = random() % 6; i > 0; --i) made += pieces[random() % pieces.size()];
  if (random() % 20 == 0) made += std::string(1, '\0') + "after";
  return made;
}

double random_double(std::mt19937_64& random) {
  switch (random() % 6) {
    case 0:
      return not_measured;
    case 1:
      return static_cast<double>(random() % 1000);
    case 2:
      return -0.0;
    case 3:
      return std::numeric_limits<double>::denorm_min();
    default: {
      const double any = std::bit_cast<double>(random());
      return std::isnan(any) ? 1.5 : any;
    }
  }
}

value random_value(std::mt19937_64& random) {
  switch (random() % 3) {
    case 0:
      return static_cast<std::int64_t>(random());
    case 1:
      return random_double(random);
    default:
      return random_text(random);
  }
}

sample random_sample(std::mt19937_64& random) {
  sample made;
  made.suite = random_text(random);
  made.case_name = random_text(random);
  made.impl = random_text(random);
  made.runs_on = static_cast<vehicle>(random() % 4);
  made.procs = static_cast<int>(random() % 100);
  made.tasks = static_cast<int>(random() % 2'000'000'000);
  made.rep = static_cast<int>(random() % 1000);
  made.iterations = random();
  made.ns_per_op = random_double(random);
  made.cpu_ns_per_op = random_double(random);
  made.ops_per_s = random_double(random);
  for (std::size_t i = random() % 4; i > 0; --i)
    made.parameters.set(random_text(random), random_value(random));
  for (std::size_t i = random() % 4; i > 0; --i)
    made.metrics.set(random_text(random), random_value(random));
  return made;
}

// The same bits, but any NaN is as good as another.
std::string bits(double number) {
  return std::isnan(number) ? "nan" : std::to_string(std::bit_cast<std::uint64_t>(number));
}

std::string bits(const fields& named) {
  std::string made;
  for (const auto& field : named) {
    made += field.name + "|" + std::to_string(field.content.index()) + "|";
    if (const auto* real = std::get_if<double>(&field.content)) made += bits(*real);
    if (const auto* whole = std::get_if<std::int64_t>(&field.content))
      made += std::to_string(*whole);
    if (const auto* text = std::get_if<std::string>(&field.content)) made += *text;
    made += "|";
  }
  return made;
}

std::string bits(const sample& one) {
  return one.suite + "|" + one.case_name + "|" + one.impl + "|" +
         std::string(to_string(one.runs_on)) + "|" + std::to_string(one.procs) + "|" +
         std::to_string(one.tasks) + "|" + std::to_string(one.rep) + "|" +
         std::to_string(one.iterations) + "|" + bits(one.ns_per_op) + "|" +
         bits(one.cpu_ns_per_op) + "|" + bits(one.ops_per_s) + "|" + bits(one.parameters) + "|" +
         bits(one.metrics);
}

std::vector<sample> samples_of(store& in, std::int64_t id, const std::string& suite = "") {
  std::vector<sample> found;
  in.load(id, suite, [&](sample&& one) { found.push_back(std::move(one)); });
  return found;
}

TEST(store, gives_back_what_it_was_given) {
  folder in;
  std::mt19937_64 random(1);
  std::map<std::int64_t, std::vector<sample>> expected;
  {
    store kept(in / "a folder/that is new/history.sqlite");
    for (int run = 0; run < 40; ++run) {
      std::vector<sample> samples;
      for (std::size_t i = 1 + random() % 20; i > 0; --i) samples.push_back(random_sample(random));
      const std::int64_t id = kept.save("run", some_context(), some_schema(), samples);
      expected[id] = samples;
    }
  }
  store kept(in / "a folder/that is new/history.sqlite");
  ASSERT_EQ(expected.size(), 40U);
  for (const auto& [id, samples] : expected) {
    const std::vector<sample> found = samples_of(kept, id);
    ASSERT_EQ(found.size(), samples.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(bits(found[i]), bits(samples[i]));
  }
  EXPECT_EQ(kept.integrity(), "ok");
}

TEST(store, knows_the_runs_of_a_suite) {
  folder in;
  store kept(in / "x.sqlite");
  sample other = some_sample(0);
  other.suite = "switch";
  const std::vector<sample> both = {some_sample(0), other};
  const auto first = kept.save("nightly", some_context(), some_schema(), both);
  const auto second = kept.save("nightly", some_context(), some_schema(), std::vector{other});
  const auto third = kept.save("7", some_context(), some_schema(), std::vector{some_sample(0)});
  ASSERT_EQ(kept.runs().size(), 3U);
  const auto of_switch = kept.runs("switch");
  ASSERT_EQ(of_switch.size(), 2U);
  EXPECT_EQ(of_switch[0].id, first);
  EXPECT_EQ(of_switch[1].id, second);
  EXPECT_EQ(of_switch[0].suites, (std::vector<std::string>{"mutex-vs-chan", "switch"}));
  EXPECT_EQ(of_switch[0].samples, 2U);
  EXPECT_EQ(of_switch[0].about.seed, 42U);
  EXPECT_EQ(of_switch[0].about.cpu_model, some_context().cpu_model);
  EXPECT_EQ(of_switch[0].columns.parameters, some_schema().parameters);
  EXPECT_EQ(kept.runs("", 1).at(0).id, third);
  EXPECT_EQ(samples_of(kept, first, "switch").size(), 1U);
  EXPECT_EQ(kept.find("nightly").id, second) << "the last of that name";
  EXPECT_EQ(kept.find("1").id, first);
  EXPECT_EQ(kept.find("7").id, third) << "a name goes before a number";
  EXPECT_THROW(kept.find("weekly"), store_error);
  kept.remove(first);
  EXPECT_EQ(kept.runs().size(), 2U);
  EXPECT_TRUE(samples_of(kept, first).empty());
  EXPECT_EQ(kept.integrity(), "ok");
}

TEST(store, an_older_one_is_brought_up_to_date) {
  folder in;
  {
    store kept(in / "x.sqlite");
    kept.save("old", some_context(), some_schema(), std::vector{some_sample(0)});
  }
  {
    store_internal::database old(in / "x.sqlite");
    old.execute("DROP INDEX samples_of_suite; PRAGMA user_version = 1");
  }
  {
    store kept(in / "x.sqlite");
    EXPECT_EQ(samples_of(kept, kept.find("old").id).size(), 1U);
  }
  store_internal::database now(in / "x.sqlite");
  EXPECT_EQ(now.number("PRAGMA user_version"), store::version);
  EXPECT_EQ(now.number("SELECT count(*) FROM sqlite_master WHERE name = 'samples_of_suite'"), 1);
  EXPECT_EQ(now.text("PRAGMA journal_mode"), "wal");
}

std::string refusal_of(const std::filesystem::path& file) {
  try {
    store refused(file);
  } catch (const store_error& error) {
    return error.what();
  }
  return "";
}

TEST(store, what_is_none_is_refused) {
  folder in;
  {
    store_internal::database newer(in / "newer.sqlite");
    newer.execute(
        "CREATE TABLE x (y); PRAGMA application_id = 1735352933; PRAGMA user_version = 99");
    store_internal::database foreign(in / "foreign.sqlite");
    foreign.execute("CREATE TABLE x (y)");
  }
  write(in / "text.sqlite",
        "suite,case,impl\n this is long enough to be looked at as a database file, and none");
  EXPECT_NE(refusal_of(in / "newer.sqlite").find("newer gobench (version 99"), std::string::npos)
      << refusal_of(in / "newer.sqlite");
  EXPECT_NE(refusal_of(in / "foreign.sqlite").find("database of another program"),
            std::string::npos);
  EXPECT_NE(refusal_of(in / "text.sqlite").find("not a database"), std::string::npos);
  EXPECT_NE(refusal_of(in.path()).find("cannot be opened"), std::string::npos);
  EXPECT_NE(refusal_of(in / "text.sqlite/x.sqlite").find("cannot be opened"), std::string::npos);
  EXPECT_NE(refusal_of("").find("--store"), std::string::npos);
  EXPECT_NE(read(in / "text.sqlite").find("this is long"), std::string::npos)
      << "it is left as it was";
}

TEST(store, damage_is_seen) {
  folder in;
  {
    store kept(in / "x.sqlite");
    std::vector<sample> many;
    for (int i = 0; i < 500; ++i) many.push_back(some_sample(i));
    kept.save("x", some_context(), some_schema(), many);
  }
  std::string bytes = read(in / "x.sqlite");
  ASSERT_GT(bytes.size(), 40'000U);
  for (std::size_t i = 20'000; i < 24'000; ++i) bytes[i] = static_cast<char>(i * 7);
  write(in / "x.sqlite", bytes);
  store kept(in / "x.sqlite");
  EXPECT_NE(kept.integrity(), "ok");
}

TEST(store, a_sink_saves_when_the_run_is_finished) {
  folder in;
  {
    const auto to = make_store_sink(in / "x.sqlite", "nightly");
    to->begin(some_context(), some_schema());
    to->add(some_sample(0));
    to->add(some_sample(1));
    EXPECT_TRUE(store(in / "x.sqlite").runs().empty());
    to->finish(some_context());
  }
  store kept(in / "x.sqlite");
  ASSERT_EQ(kept.runs().size(), 1U);
  EXPECT_EQ(kept.runs()[0].samples, 2U);
  EXPECT_EQ(kept.runs()[0].name, "nightly");
}

constexpr int samples_per_run = 60;

// Saves runs until it is killed, or `most`; tells the id of each through a pipe once it is saved.
[[noreturn]] void save_for_ever(const std::filesystem::path& file, const std::string& name, int to,
                                int most) {
  try {
    store kept(file);
    std::vector<sample> samples;
    for (int i = 0; i < samples_per_run; ++i) samples.push_back(some_sample(i));
    for (int i = 0; i < most; ++i) {
      const std::int64_t id = kept.save(name, some_context(), some_schema(), samples);
      if (::write(to, &id, sizeof id) != sizeof id) ::_exit(3);
    }
  } catch (const std::exception& error) {
    static_cast<void>(!::write(2, error.what(), std::string(error.what()).size()));
    ::_exit(2);
  }
  ::_exit(0);
}

struct writer {
  pid_t pid = -1;
  int from = -1;

  writer(const std::filesystem::path& file, const std::string& name, int most = 1'000'000'000) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    pid = ::fork();
    if (pid == 0) {
      ::close(ends[0]);
      save_for_ever(file, name, ends[1], most);
    }
    ::close(ends[1]);
    from = ends[0];
  }
  // The ids that it told until it ended.
  std::vector<std::int64_t> wait(int& status) const {
    std::vector<std::int64_t> told;
    for (std::int64_t id = 0; ::read(from, &id, sizeof id) == sizeof id;) told.push_back(id);
    ::close(from);
    ::waitpid(pid, &status, 0);
    return told;
  }
};

// GOBENCH_STORE_KILLS=200 for more.
TEST(store, holds_every_saved_run_after_a_kill_at_any_instant) {
  const char* wanted = std::getenv("GOBENCH_STORE_KILLS");
  const int kills = wanted == nullptr ? 40 : std::atoi(wanted);
  folder in;
  std::mt19937_64 random(7);
  std::size_t saved = 0;
  for (int i = 0; i < kills; ++i) {
    const writer child(in / "x.sqlite", "killed");
    ::usleep(static_cast<useconds_t>(random() % 40'000));
    ::kill(child.pid, SIGKILL);
    int status = 0;
    const std::vector<std::int64_t> told = child.wait(status);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    saved += told.size();

    store kept(in / "x.sqlite");
    ASSERT_EQ(kept.integrity(), "ok") << i;
    for (const std::int64_t id : told) {
      ASSERT_EQ(samples_of(kept, id).size(), std::size_t{samples_per_run}) << id;
    }
    // None in part either: one more than were told, where the kill came before it could tell.
    const auto runs = kept.runs();
    for (const stored_run& one : runs) ASSERT_EQ(one.samples, std::uint64_t{samples_per_run});
    ASSERT_GE(runs.size(), told.size());
    for (const stored_run& one : runs) kept.remove(one.id);
  }
  EXPECT_GT(saved, 0U);
}

TEST(store, two_processes_at_once_lose_nothing) {
  folder in;
  constexpr int each = 25;
  const writer one(in / "x.sqlite", "one", each);
  const writer other(in / "x.sqlite", "other", each);
  int status = 0;
  EXPECT_EQ(one.wait(status).size(), std::size_t{each});
  EXPECT_EQ(status, 0);
  EXPECT_EQ(other.wait(status).size(), std::size_t{each});
  EXPECT_EQ(status, 0);
  store kept(in / "x.sqlite");
  const auto runs = kept.runs();
  EXPECT_EQ(runs.size(), std::size_t{2 * each});
  for (const stored_run& run : runs) EXPECT_EQ(run.samples, std::uint64_t{samples_per_run});
  EXPECT_EQ(kept.integrity(), "ok");
}

}  // namespace
}  // namespace gobench::results
