// A file whose content is replaced as a whole: its readers, and whoever finds it after a crash, see what was
// there before or all of the new content.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace gobench::results {

class whole_file {
 public:
  // Throws std::system_error naming the file when it cannot be written; it is not changed yet.
  explicit whole_file(const std::filesystem::path& file);
  whole_file(whole_file&&) noexcept;
  whole_file& operator=(whole_file&&) noexcept;
  ~whole_file();

  // Whether it can be replaced again and again. A device or a pipe cannot: what is written stays.
  bool replaceable() const;

  // Throws std::system_error; then the content is what it was.
  void replace(std::string_view text);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace gobench::results
