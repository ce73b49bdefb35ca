// All runs that were saved, in one SQLite file.
//
//   store kept(default_store());
//   kept.save("nightly", about, columns, samples);
//   for (const stored_run& one : kept.runs("mutex-vs-chan", 50)) kept.load(one.id, "", take);
//
// Invariants
//  - A run is there with all of its samples, or not at all: it is written in one transaction. A process that is
//    killed at any instant leaves what had been saved before, and the next one to open the file finds it
//    so (write-ahead log, synchronous=FULL: also after a power cut, as far as the disk keeps its word).
//  - Any number of processes may save at once; one writes at a time, the others wait for it.
//  - What comes out is what went in: samples with the exact doubles, parameters and metrics in their order and
//    with their types, the context as far as JSON holds it (text that is not UTF-8 does not stay as it was there).
//  - The file says which version of the tables it has (user_version) and that it is ours (application_id).
//    Older ones are brought up to date when they are opened; newer and foreign ones are refused.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/reader.hpp"
#include "results/record.hpp"
#include "results/sink.hpp"

namespace gobench::results {

// what() is a sentence with the file and the cause.
struct store_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// $XDG_DATA_HOME/gobench/history.sqlite, or ~/.local/share/gobench/history.sqlite. Empty without a home.
std::filesystem::path default_store();

struct stored_run {
  std::int64_t id = 0;
  std::string name;
  std::string saved_at;  // ISO 8601, UTC
  context about;
  schema columns;
  std::uint64_t samples = 0;        // of all suites
  std::vector<std::string> suites;  // sorted
};

class store {
 public:
  // Opens the file, which is made where there is none, with its folders. Throws store_error.
  explicit store(const std::filesystem::path& file);
  store(store&&) noexcept;
  ~store();

  // Returns the id of the run. Nothing of it is there until this returns.
  std::int64_t save(const std::string& name, const context& about, const schema& columns,
                    std::span<const sample> samples);

  // The last `most` runs, those with samples of the suite (empty: any), the oldest first.
  std::vector<stored_run> runs(const std::string& suite = "", std::size_t most = 1'000'000);
  // The last run of that name, or the one with that number as its id. Throws store_error for none.
  stored_run find(const std::string& name_or_id);
  // The samples of a run in the order in which they were saved; of one suite, or all.
  void load(std::int64_t id, const std::string& suite, const sample_taker& take);
  void remove(std::int64_t id);

  // What PRAGMA integrity_check says: "ok", or what is wrong.
  std::string integrity();

  static constexpr std::int64_t version = 2;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

// Keeps the samples of a run and saves them when it is finished, also one that was interrupted. The store is opened
// here, so that one that cannot be written is told before anything is measured.
std::unique_ptr<sink> make_store_sink(const std::filesystem::path& file, const std::string& name);

}  // namespace gobench::results
