// A text that goes by in pieces: lines, or characters, and how many lines there were.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace gobench::results::internal {

// The longest line, record or JSON text; longer ones are not results.
inline constexpr std::size_t longest_piece = std::size_t{1} << 20;

// Invariants
//  - At most one chunk and one line are in memory.
//  - A byte order mark of UTF-8 at the beginning is skipped.
//  - line() is the number, from 1, of the line that was read last or that the last character was in.
class text_source {
 public:
  // `name` is the file's in sentences. Throws malformed_file for a text in UTF-16.
  text_source(std::istream& in, std::string name);

  // What the text begins with, up to one chunk; nothing is consumed.
  std::string_view head() const { return std::string_view(chunk_).substr(at_); }

  // The next line without the \n at its end; a \r before that stays. False at the end. Throws malformed_file
  // for one that is too long.
  bool next_line(std::string& line);
  // Whether the line read last had a \n.
  bool line_was_ended() const { return ended_; }

  // The next character; -1 at the end.
  int next_character();

  std::size_t line() const { return line_; }
  const std::string& name() const { return name_; }

  // Throws malformed_file: "NAME:LINE: SENTENCE".
  [[noreturn]] void fail(const std::string& sentence) const;

 private:
  bool refill();

  std::istream& in_;
  std::string name_;
  std::string chunk_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;  // lines begun
  bool ended_ = true;
};

}  // namespace gobench::results::internal
