// The little of SQLite that the store needs: a connection, and statements with values bound in order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "results/record.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace gobench::results::store_internal {

// All of these throw store_error (store.hpp) with the file and what SQLite says.
class database {
 public:
  explicit database(const std::filesystem::path& file);
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database();

  // One statement or several.
  void execute(const std::string& sql);
  std::int64_t number(const std::string& sql);  // of the first row; 0 for none
  std::string text(const std::string& sql);
  std::int64_t last_id() const;

  [[noreturn]] void fail() const;
  sqlite3* handle() const { return handle_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
};

class statement {
 public:
  statement(database& in, std::string_view sql);
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;
  ~statement();

  // The next parameter. NaN is bound as NULL, which SQLite would make of it anyway.
  statement& bind(std::int64_t number);
  statement& bind(double number);
  statement& bind(std::string_view text);
  statement& bind(const value& content);

  // The next row; false after the last one, when it can be bound again.
  bool step();
  // For a statement without rows.
  void run() { step(); }

  std::int64_t number(int column) const;
  double real(int column) const;  // NaN for NULL
  std::string text(int column) const;
  value content(int column) const;

 private:
  void check(int code) const;

  database& in_;
  sqlite3_stmt* handle_ = nullptr;
  int bound_ = 0;
};

// Ends in a rollback unless it is committed. It begins with the right to write, for which it waits.
class transaction {
 public:
  explicit transaction(database& in) : in_(in) { in_.execute("BEGIN IMMEDIATE"); }
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();
  void commit();

 private:
  database& in_;
  bool done_ = false;
};

}  // namespace gobench::results::store_internal
