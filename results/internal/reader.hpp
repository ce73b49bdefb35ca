// How a reader makes itself known. One static object in the file of the reader:
//
//   const reader_registration registered{{"csv", recognises, read}};
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "results/internal/intake.hpp"
#include "results/internal/text_source.hpp"

namespace gobench::results::internal {

struct reader {
  std::string format;
  // Whether a text with this beginning (up to 64 KiB) is in this format.
  std::function<bool(std::string_view head)> recognises;
  // Reads all of it. `file` is the file, where it is one.
  std::function<void(text_source& from, intake& to,
                     const std::optional<std::filesystem::path>& file)>
      read;
};

struct reader_registration {
  explicit reader_registration(reader made);
};

// read_samples() for a text whose format is known: nothing looks at what it begins with.
file_content read_as(std::string_view format, std::istream& in, const std::string& name,
                     const sample_taker& take, const read_options& how = {});

// Whole texts as numbers. Nothing when it is none; a number may be NaN or infinite.
std::optional<double> number_of(std::string_view text);
std::optional<std::int64_t> whole_of(std::string_view text);

// The cell of a parameter: a number where it gives the same text again when it is written, else text.
value value_of(std::string_view text);

// A part of a sentence: what was read, made harmless and short.
std::string shown(std::string_view text);

std::optional<vehicle> vehicle_of(std::string_view name);

}  // namespace gobench::results::internal
