#include "results/store/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>
#include <exception>

#include "results/store.hpp"

namespace gobench::results::store_internal {

namespace {

// Whoever writes is done in milliseconds; a disk that stalls is not.
constexpr int patience_ms = 60'000;

}  // namespace

database::database(const std::filesystem::path& file) : file_(file) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  if (sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
    const std::string cause = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
    sqlite3_close(handle_);
    throw store_error(fmt::format("The store {} cannot be opened: {}.", file.string(), cause));
  }
  sqlite3_busy_timeout(handle_, patience_ms);
}

database::~database() { sqlite3_close(handle_); }

void database::fail() const {
  throw store_error(fmt::format("The store {} failed: {}; gobench doctor checks it.",
                                file_.string(), sqlite3_errmsg(handle_)));
}

void database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t database::number(const std::string& sql) {
  statement asked(*this, sql);
  return asked.step() ? asked.number(0) : 0;
}

std::string database::text(const std::string& sql) {
  statement asked(*this, sql);
  return asked.step() ? asked.text(0) : std::string();
}

std::int64_t database::last_id() const { return sqlite3_last_insert_rowid(handle_); }

statement::statement(database& in, std::string_view sql) : in_(in) {
  check(
      sqlite3_prepare_v2(in.handle(), sql.data(), static_cast<int>(sql.size()), &handle_, nullptr));
}

statement::~statement() { sqlite3_finalize(handle_); }

void statement::check(int code) const {
  if (code != SQLITE_OK) in_.fail();
}

statement& statement::bind(std::int64_t number) {
  check(sqlite3_bind_int64(handle_, ++bound_, number));
  return *this;
}

statement& statement::bind(double number) {
  check(sqlite3_bind_double(handle_, ++bound_, number));
  return *this;
}

statement& statement::bind(std::string_view text) {
  // A null pointer would be NULL.
  check(sqlite3_bind_text64(handle_, ++bound_, text.empty() ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

statement& statement::bind(const value& content) {
  if (const auto* whole = std::get_if<std::int64_t>(&content)) return bind(*whole);
  if (const auto* real = std::get_if<double>(&content)) return bind(*real);
  return bind(std::string_view(std::get<std::string>(content)));
}

bool statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(handle_);
  bound_ = 0;
  if (code != SQLITE_DONE) in_.fail();
  return false;
}

std::int64_t statement::number(int column) const { return sqlite3_column_int64(handle_, column); }

double statement::real(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL
             ? not_measured
             : sqlite3_column_double(handle_, column);
}

std::string statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  const int size = sqlite3_column_bytes(handle_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

value statement::content(int column) const {
  switch (sqlite3_column_type(handle_, column)) {
    case SQLITE_INTEGER:
      return number(column);
    case SQLITE_FLOAT:
    case SQLITE_NULL:
      return real(column);
    default:
      return text(column);
  }
}

transaction::~transaction() {
  if (done_) return;
  try {
    in_.execute("ROLLBACK");
  } catch (const std::exception&) {
    // SQLite has rolled back itself after an error such as a full disk.
  }
}

void transaction::commit() {
  in_.execute("COMMIT");
  done_ = true;
}

}  // namespace gobench::results::store_internal
