// Where samples go: one seam, one exporter per file, found by the name of its format.
//
//   auto out = make_file_sink("csv", "x.csv");      // refuses what cannot be written, here
//   out->begin(machine, columns);                   // header
//   out->add(s);                                    // one finished sample; on disk when it returns
//   out->finish(machine);                           // completed context; tables are printed here
//
// All of it from one thread at a time.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "results/record.hpp"

namespace gobench::results {

// The exporter seam. begin once, add any number of times, finish once; dropping a sink without
// finish leaves what was added so far as a valid file. Each throws std::system_error naming the
// path and the cause when the output cannot be written; what had been added before stays valid.
class sink {
 public:
  virtual ~sink() = default;
  sink() = default;
  sink(const sink&) = delete;
  sink& operator=(const sink&) = delete;

  virtual void begin(const context& about, const schema& columns) = 0;
  virtual void add(const sample& one) = 0;
  // `about` is the context of begin, completed (end time, steal, warnings).
  virtual void finish(const context& about) = 0;
};

struct sink_options {
  unsigned width = 100;  // of the table, in columns; below 60 counts as 60
  bool colour = false;   // of the table
};

// A format's name that is not known. what() is a sentence with the nearest name.
struct unknown_format : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

// To a file. Throws std::system_error here, before anything is measured, when it cannot be written;
// an existing file is kept until begin(). csv puts the context beside it (x.csv -> x.context.json).
std::unique_ptr<sink> make_file_sink(std::string_view format, const std::filesystem::path& file,
                                     const sink_options& how = {});

// To a stream that outlives the sink: std::cout, a string. Flushed after every sample.
std::unique_ptr<sink> make_stream_sink(std::string_view format, std::ostream& out,
                                       const sink_options& how = {});

// Hands every call to all of them. When some throw, the others still get the call, then the first
// exception goes on.
std::unique_ptr<sink> make_tee(std::vector<std::unique_ptr<sink>> sinks);

// The formats there are, sorted.
std::vector<std::string> format_names();

// Throws unknown_format unless there is one of this name.
void require_format(std::string_view format);

// The format that a file's name asks for: x.csv -> csv, x.json -> json, x.gbench.json -> gbench,
// x.bench or x.benchfmt -> benchfmt, x.txt -> table. Nothing for any other name.
std::optional<std::string> format_of_file(const std::filesystem::path& file);

}  // namespace gobench::results
