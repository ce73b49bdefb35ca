// Findings made by hand, for tests of what is made of them.
#pragma once

#include <string>
#include <utility>

#include "detector/report/finding.hpp"

namespace gobench::detector::reporting {

inline frame at(std::string function, std::string file, int line, int column = 0) {
  frame one;
  one.function = std::move(function);
  one.file = std::move(file);
  one.line = line;
  one.column = column;
  one.module = "/home/user/shop/app";
  one.offset = 0x1234;
  return one;
}

// A worker writes into a heap block under a lock, the main thread reads it without one.
inline finding sample() {
  finding what;
  task_told main_thread;
  main_thread.id = 1;
  main_thread.kind = task_kind::main_thread;
  task_told worker;
  worker.id = 2;
  worker.name = "worker";
  worker.parent = 1;
  worker.born = {at("pthread_create", "", 0), at("main", "/src/app.cpp", 40, 15)};
  what.tasks = {main_thread, worker};

  access_told write;
  write.what = operation::write;
  write.where = 0x7b0400000018;
  write.size = 4;
  write.task = 1;
  write.frames = {at("shop::bump(shop::counter&, int)", "/src/app.cpp", 12, 9),
                  at("shop::work()", "/src/app.cpp", 20, 3)};
  write.frames[0].inlined = true;
  write.locks = {{1,
                  0x404080,
                  false,
                  {at("pthread_mutex_lock", "", 0), at("shop::work()", "/src/app.cpp", 19, 3)},
                  "shop::guard"}};
  access_told read;
  read.what = operation::read;
  read.where = 0x7b0400000018;
  read.size = 4;
  read.task = 0;
  read.frames = {at("shop::sum(std::vector<shop::counter*> const&)", "/src/sum.cpp", 30, 10),
                 at("main", "/src/app.cpp", 42, 5)};
  what.accesses = {write, read};

  what.object.kind = location_kind::heap;
  what.object.size = 12;
  what.object.offset = 8;
  what.object.task = 1;
  what.object.description =
      "heap block of 12 bytes at 0x7b0400000010, allocated by the main thread";
  what.object.allocated = {at("operator new(unsigned long)", "", 0),
                           at("main", "/src/app.cpp", 38, 20)};
  what.headline =
      "data race: write of 4 bytes by T2 \"worker\" (app.cpp:12) and earlier read of 4 bytes by "
      "the main thread (sum.cpp:30)";
  what.message = "Write is not ordered with the earlier read.";
  what.advice = advice_for(what);
  what.fingerprint = fingerprint_of(what);
  return what;
}

}  // namespace gobench::detector::reporting
