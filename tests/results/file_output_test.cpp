// What a file as an output does besides surviving (survival_test.cpp).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <system_error>

#include "results/internal/output.hpp"
#include "tests/results/support.hpp"

namespace gobench::results::internal {
namespace {

using testing::folder;
using testing::read;
using testing::write;

// Runs it as a user whom permissions bind, also when the tests run as root. Returns false when it
// failed or threw.
bool as_a_user(const std::function<bool()>& test) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(1);
    try {
      ::_exit(test() ? 0 : 1);
    } catch (...) {
      ::_exit(1);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat found = {};
  EXPECT_EQ(::stat(file.c_str(), &found), 0);
  return found.st_mode & 07777;
}

TEST(file_output, pieces_across_many_pages_come_back) {
  const folder in;
  const auto out = make_file_output(in / "x");
  std::string expected = "head\n";
  out->start(expected);
  for (int i = 0; i < 2000; ++i) {
    // From short ones to some that are longer than a page.
    const std::string piece =
        std::string(static_cast<std::size_t>(i % 97) * (i % 50 == 0 ? 60 : 1), 'x') + "\n";
    out->extend(piece);
    expected += piece;
    if (i % 100 == 0) {
      EXPECT_EQ(read(in / "x"), expected);
    }
  }
  EXPECT_EQ(read(in / "x"), expected);
  EXPECT_EQ(in.names(), (std::vector<std::string>{"x"}));
}

TEST(file_output, tail_and_head_are_replaced_at_any_offset) {
  const folder in;
  for (std::size_t size = 4080; size < 4100; ++size) {
    const auto out = make_file_output(in / "x");
    const std::string body(size, 'b');
    out->start(body + "]}");
    out->extend(",new]}", 2);
    EXPECT_EQ(read(in / "x"), body + ",new]}") << size;
    out->replace_head("longer head", 3);
    EXPECT_EQ(read(in / "x"), "longer head" + body.substr(3) + ",new]}") << size;
    out->extend("!", 0);
    out->replace_head("", 11);
    EXPECT_EQ(read(in / "x"), body.substr(3) + ",new]}!") << size;
    out->finish();
  }
}

TEST(file_output, a_link_stays_one_and_its_target_is_written) {
  const folder in;
  write(in / "real", "old");
  std::filesystem::create_symlink("real", in / "link");
  const auto out = make_file_output(in / "link");
  out->start("new");
  EXPECT_TRUE(std::filesystem::is_symlink(in / "link"));
  EXPECT_EQ(read(in / "real"), "new");
}

TEST(file_output, permissions_of_an_existing_file_stay) {
  const folder in;
  write(in / "x", "old");
  ::chmod((in / "x").c_str(), 0640);
  const auto out = make_file_output(in / "x");
  out->start("new");
  out->extend(std::string(5000, 'x'));
  EXPECT_EQ(mode_of(in / "x"), 0640U);
}

TEST(file_output, a_new_file_has_the_usual_permissions) {
  const folder in;
  const mode_t before = ::umask(027);
  make_file_output(in / "x")->start("");
  ::umask(before);
  EXPECT_EQ(mode_of(in / "x"), 0640U);
}

TEST(file_output, a_relative_name_is_one_in_the_working_directory) {
  const folder in;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(in.path());
  make_file_output("x.csv")->start("here");
  std::filesystem::current_path(before);
  EXPECT_EQ(read(in / "x.csv"), "here");
}

TEST(file_output, a_read_only_file_is_refused) {
  const folder in;
  ::chmod(in.path().c_str(), 0777);
  write(in / "x", "old");
  ::chmod((in / "x").c_str(), 0444);
  EXPECT_TRUE(as_a_user([&] {
    try {
      make_file_output(in / "x");
      return false;
    } catch (const std::system_error& refused) {
      return refused.code() == std::errc::permission_denied;
    }
  }));
  EXPECT_EQ(read(in / "x"), "old");
}

TEST(file_output, a_new_file_in_a_read_only_folder_is_refused) {
  const folder in;
  ::chmod(in.path().c_str(), 0555);
  EXPECT_TRUE(as_a_user([&] {
    try {
      make_file_output(in / "x");
      return false;
    } catch (const std::system_error& refused) {
      return refused.code() == std::errc::permission_denied;
    }
  }));
  ::chmod(in.path().c_str(), 0755);
}

TEST(file_output, a_file_in_a_folder_that_cannot_be_written_to_is_written_in_place) {
  const folder in;
  write(in / "x", "old and longer than the new one");
  ::chmod((in / "x").c_str(), 0666);
  ::chmod(in.path().c_str(), 0555);
  EXPECT_TRUE(as_a_user([&] {
    const auto out = make_file_output(in / "x");
    if (read(in / "x") != "old and longer than the new one") return false;
    out->start("head]");
    out->extend(std::string(5000, 'x') + "]", 1);
    out->replace_head("HEAD+", 4);
    out->finish();
    return read(in / "x") == "HEAD+" + std::string(5000, 'x') + "]";
  }));
  ::chmod(in.path().c_str(), 0755);
  EXPECT_EQ(in.names(), (std::vector<std::string>{"x"}));
}

TEST(file_output, a_pipe_is_written_as_it_comes) {
  const folder in;
  ASSERT_EQ(::mkfifo((in / "pipe").c_str(), 0666), 0);
  const int reader = ::open((in / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  {
    const auto out = make_file_output(in / "pipe");
    EXPECT_FALSE(out->file().has_value());
    out->start("one\n");
    out->extend("two\n");
    out->finish();
  }
  std::string text(100, '\0');
  const ssize_t size = ::read(reader, text.data(), text.size());
  ::close(reader);
  ASSERT_GT(size, 0);
  text.resize(static_cast<std::size_t>(size));
  EXPECT_EQ(text, "one\ntwo\n");
  EXPECT_EQ(in.names(), (std::vector<std::string>{"pipe"})) << "nothing beside a pipe";
}

}  // namespace
}  // namespace gobench::results::internal
