// A file that others append to.
#include "detector/findings/follower.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace {

using gobench::detector::findings::follower;

class followed : public ::testing::Test {
 protected:
  followed() {
    std::string name = (std::filesystem::temp_directory_path() / "gobench-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
  }
  ~followed() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file() const { return folder_ / "findings"; }
  void append(const std::string& text) const {
    const int fd = ::open(file().c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(fd);
  }

  std::filesystem::path folder_;
};

using lines = std::vector<std::string>;

TEST_F(followed, gives_each_line_once_when_it_is_whole) {
  follower reader(file());
  EXPECT_EQ(reader.lines(), lines{});
  append("one\ntw");
  EXPECT_EQ(reader.lines(), lines{"one"});
  EXPECT_EQ(reader.rest(), "tw");
  append("o\n\nthree\n");
  EXPECT_EQ(reader.lines(), (lines{"two", "three"}));
  EXPECT_EQ(reader.rest(), "");
  EXPECT_EQ(reader.lines(), lines{});
}

TEST_F(followed, reads_lines_longer_than_its_buffer) {
  follower reader(file());
  const std::string longer(300'000, 'x');
  append(longer + "\nend\n");
  EXPECT_EQ(reader.lines(), (lines{longer, "end"}));
}

TEST_F(followed, does_not_take_a_file_that_is_there) {
  const follower first(file());
  EXPECT_THROW(follower second(file()), std::system_error);
}

}  // namespace
