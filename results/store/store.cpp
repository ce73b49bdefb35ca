#include "results/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <system_error>
#include <utility>

#include "results/internal/context_json.hpp"
#include "results/internal/json.hpp"
#include "results/internal/reader.hpp"
#include "results/store/sqlite.hpp"

namespace gobench::results {

namespace {

using namespace store_internal;

constexpr std::int64_t ours = 0x676f6265;  // "gobe"

// What brings a file from each version to the next. They stay as they are: a new version is a new entry.
constexpr std::array<const char*, store::version> migrations = {
    // 1: numbers and contents have no affinity, so that they keep their type and -0.0 its sign.
    R"(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, saved_at TEXT NOT NULL,
  context TEXT NOT NULL, columns TEXT NOT NULL);
CREATE TABLE samples (
  run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, position INTEGER NOT NULL,
  suite TEXT NOT NULL, case_name TEXT NOT NULL, impl TEXT NOT NULL, vehicle TEXT NOT NULL,
  procs INTEGER NOT NULL, tasks INTEGER NOT NULL, rep INTEGER NOT NULL, iterations INTEGER NOT NULL,
  ns_per_op, cpu_ns_per_op, ops_per_s,
  PRIMARY KEY (run, position)) WITHOUT ROWID;
CREATE TABLE fields (
  run INTEGER NOT NULL, position INTEGER NOT NULL, metric INTEGER NOT NULL, place INTEGER NOT NULL,
  name TEXT NOT NULL, content,
  PRIMARY KEY (run, position, metric, place),
  FOREIGN KEY (run, position) REFERENCES samples(run, position) ON DELETE CASCADE) WITHOUT ROWID;
)",
    // 2: the history of a suite without reading all samples.
    "CREATE INDEX samples_of_suite ON samples (suite, run);"};

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> room{};
  const std::size_t size = std::strftime(room.data(), room.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {room.data(), size};
}

std::string text_of(const schema& columns) {
  return internal::dump(internal::json{{"parameters", columns.parameters},
                                       {"metrics", columns.metrics},
                                       {"shown", columns.shown},
                                       {"repetitions", columns.repetitions}});
}

schema schema_of(const std::string& text) {
  schema made;
  const auto from = internal::json::parse(text, nullptr, false);
  const auto take = [&](std::vector<std::string>& to, const char* name) {
    if (!from.is_object() || !from.contains(name) || !from[name].is_array()) return;
    for (const auto& one : from[name]) {
      if (one.is_string()) to.push_back(one.get<std::string>());
    }
  };
  take(made.parameters, "parameters");
  take(made.metrics, "metrics");
  take(made.shown, "shown");
  if (from.is_object() && from.contains("repetitions") && from["repetitions"].is_number_integer()) {
    made.repetitions = from["repetitions"].get<int>();
  }
  return made;
}

void make_folders(const std::filesystem::path& file) {
  if (file.empty()) {
    throw store_error(
        "There is no place for the store, as neither XDG_DATA_HOME nor HOME is set; name a file "
        "with "
        "--store.");
  }
  if (!file.has_parent_path()) return;
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  if (failed) {
    throw store_error(
        fmt::format("The store {} cannot be opened: {}.", file.string(), failed.message()));
  }
}

void bring_up_to_date(database& in) {
  const auto version = [&] { return in.number("PRAGMA user_version"); };
  const auto refuse_others = [&] {
    const bool empty = in.number("SELECT count(*) FROM sqlite_master") == 0;
    if (!empty && in.number("PRAGMA application_id") != ours) {
      throw store_error(
          fmt::format("{} is a database of another program; name another file with --store.",
                      in.file().string()));
    }
    if (version() > store::version) {
      throw store_error(
          fmt::format("The store {} was written by a newer gobench (version {} of the tables, this "
                      "one knows {}); "
                      "use that one, or name another file with --store.",
                      in.file().string(), version(), store::version));
    }
  };
  refuse_others();
  if (version() == store::version) return;
  transaction all(in);
  refuse_others();  // another process may have done it meanwhile
  for (std::int64_t next = version(); next < store::version; ++next) {
    in.execute(migrations[static_cast<std::size_t>(next)]);
  }
  in.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", ours, store::version));
  all.commit();
}

}  // namespace

struct store::parts {
  explicit parts(const std::filesystem::path& file) : db(file) {}
  database db;
};

std::filesystem::path default_store() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
    return std::filesystem::path(data) / "gobench" / "history.sqlite";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return std::filesystem::path(home) / ".local" / "share" / "gobench" / "history.sqlite";
}

store::store(const std::filesystem::path& file) {
  make_folders(file);
  parts_ = std::make_unique<parts>(file);
  database& db = parts_->db;
  bring_up_to_date(db);
  db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
}

store::store(store&&) noexcept = default;
store::~store() = default;

std::int64_t store::save(const std::string& name, const context& about, const schema& columns,
                         std::span<const sample> samples) {
  database& db = parts_->db;
  statement add_run(db, "INSERT INTO runs (name, saved_at, context, columns) VALUES (?, ?, ?, ?)");
  statement add_sample(db, "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  statement add_field(db, "INSERT INTO fields VALUES (?, ?, ?, ?, ?, ?)");
  transaction all(db);
  add_run.bind(std::string_view(name))
      .bind(std::string_view(now()))
      .bind(std::string_view(internal::dump(internal::to_json(about))))
      .bind(std::string_view(text_of(columns)))
      .run();
  const std::int64_t id = db.last_id();
  std::int64_t position = 0;
  for (const sample& one : samples) {
    add_sample.bind(id)
        .bind(position)
        .bind(std::string_view(one.suite))
        .bind(std::string_view(one.case_name))
        .bind(std::string_view(one.impl))
        .bind(to_string(one.runs_on))
        .bind(std::int64_t{one.procs})
        .bind(std::int64_t{one.tasks})
        .bind(std::int64_t{one.rep})
        .bind(static_cast<std::int64_t>(one.iterations))
        .bind(one.ns_per_op)
        .bind(one.cpu_ns_per_op)
        .bind(one.ops_per_s)
        .run();
    for (const bool metric : {false, true}) {
      std::int64_t place = 0;
      for (const auto& field : metric ? one.metrics : one.parameters) {
        add_field.bind(id)
            .bind(position)
            .bind(std::int64_t{metric})
            .bind(place++)
            .bind(std::string_view(field.name))
            .bind(field.content)
            .run();
      }
    }
    ++position;
  }
  all.commit();
  return id;
}

std::vector<stored_run> store::runs(const std::string& suite, std::size_t most) {
  database& db = parts_->db;
  const auto limit = static_cast<std::int64_t>(
      std::min<std::size_t>(most, std::numeric_limits<std::int32_t>::max()));
  statement asked(
      db,
      fmt::format("SELECT id, name, saved_at, context, columns FROM runs {} "
                  "ORDER BY id DESC LIMIT ?",
                  suite.empty() ? "" : "WHERE id IN (SELECT run FROM samples WHERE suite = ?)"));
  if (!suite.empty()) asked.bind(std::string_view(suite));
  asked.bind(limit);
  statement count(db, "SELECT count(*) FROM samples WHERE run = ?");
  statement suites(db, "SELECT DISTINCT suite FROM samples WHERE run = ? ORDER BY suite");
  std::vector<stored_run> found;
  while (asked.step()) {
    stored_run one;
    one.id = asked.number(0);
    one.name = asked.text(1);
    one.saved_at = asked.text(2);
    one.about = internal::context_of(internal::json::parse(asked.text(3), nullptr, false));
    one.columns = schema_of(asked.text(4));
    count.bind(one.id);
    if (count.step()) one.samples = static_cast<std::uint64_t>(count.number(0));
    count.step();
    suites.bind(one.id);
    while (suites.step()) one.suites.push_back(suites.text(0));
    found.push_back(std::move(one));
  }
  std::reverse(found.begin(), found.end());
  return found;
}

stored_run store::find(const std::string& name_or_id) {
  const auto id = internal::whole_of(name_or_id);
  stored_run* best = nullptr;
  std::vector<stored_run> all = runs();
  for (stored_run& one : all) {
    if (one.name == name_or_id || (best == nullptr && id && one.id == *id)) best = &one;
  }
  if (best == nullptr) {
    throw store_error(
        fmt::format("There is no run {} in the store {}; gobench history lists the runs, and "
                    "gobench run --save NAME "
                    "adds one.",
                    internal::shown(name_or_id), parts_->db.file().string()));
  }
  return std::move(*best);
}

void store::load(std::int64_t id, const std::string& suite, const sample_taker& take) {
  database& db = parts_->db;
  statement samples(
      db, fmt::format("SELECT position, suite, case_name, impl, vehicle, procs, tasks, rep, "
                      "iterations, ns_per_op, cpu_ns_per_op, ops_per_s FROM samples "
                      "WHERE run = ? {} ORDER BY position",
                      suite.empty() ? "" : "AND suite = ?"));
  statement fields_of(db,
                      "SELECT metric, name, content FROM fields WHERE run = ? AND position = ? "
                      "ORDER BY metric, place");
  samples.bind(id);
  if (!suite.empty()) samples.bind(std::string_view(suite));
  while (samples.step()) {
    sample one;
    const std::int64_t position = samples.number(0);
    one.suite = samples.text(1);
    one.case_name = samples.text(2);
    one.impl = samples.text(3);
    one.runs_on = internal::vehicle_of(samples.text(4)).value_or(vehicle::thread);
    one.procs = static_cast<int>(samples.number(5));
    one.tasks = static_cast<int>(samples.number(6));
    one.rep = static_cast<int>(samples.number(7));
    one.iterations = static_cast<std::uint64_t>(samples.number(8));
    one.ns_per_op = samples.real(9);
    one.cpu_ns_per_op = samples.real(10);
    one.ops_per_s = samples.real(11);
    fields_of.bind(id).bind(position);
    while (fields_of.step()) {
      (fields_of.number(0) != 0 ? one.metrics : one.parameters)
          .set(fields_of.text(1), fields_of.content(2));
    }
    take(std::move(one));
  }
}

void store::remove(std::int64_t id) {
  transaction all(parts_->db);
  statement gone(parts_->db, "DELETE FROM runs WHERE id = ?");
  gone.bind(id).run();
  all.commit();
}

std::string store::integrity() {
  const std::string said = parts_->db.text("PRAGMA integrity_check(1)");
  if (said != "ok") return said;
  return parts_->db.number("SELECT count(*) FROM pragma_foreign_key_check") == 0
             ? "ok"
             : "samples without their run";
}

namespace {

class store_sink : public sink {
 public:
  store_sink(const std::filesystem::path& file, std::string name)
      : kept_(file), name_(std::move(name)) {}

  void begin(const context&, const schema& columns) override {
    columns_ = columns;
    samples_.clear();
  }
  void add(const sample& one) override { samples_.push_back(one); }
  void finish(const context& about) override {
    if (!samples_.empty()) kept_.save(name_, about, columns_, samples_);
  }

 private:
  store kept_;
  std::string name_;
  schema columns_;
  std::vector<sample> samples_;
};

}  // namespace

std::unique_ptr<sink> make_store_sink(const std::filesystem::path& file, const std::string& name) {
  return std::make_unique<store_sink>(file, name);
}

}  // namespace gobench::results
