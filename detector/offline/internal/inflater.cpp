#include "detector/offline/internal/inflater.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "detector/offline/trace_error.hpp"

namespace gobench::detector::offline {

namespace {

constexpr int gzip_only = 16 + MAX_WBITS;

}  // namespace

inflater::inflater(std::string name, std::function<std::size_t(char*, std::size_t)> more)
    : name_(std::move(name)), more_(std::move(more)) {
  if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
}

inflater::~inflater() { inflateEnd(&stream_); }

void inflater::fill() {
  if (stream_.avail_in > 0) return;
  stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
  stream_.avail_in = static_cast<uInt>(more_(packed_.data(), packed_.size()));
}

// gzip files may be put one behind the other, and tapes and block devices leave zeros at the end.
bool inflater::next_member() {
  while (true) {
    fill();
    if (stream_.avail_in == 0) return false;
    if (*stream_.next_in != 0) break;
    ++stream_.next_in;
    --stream_.avail_in;
  }
  inflateReset(&stream_);
  return true;
}

std::size_t inflater::read(char* to, std::size_t size) {
  stream_.next_out = reinterpret_cast<Bytef*>(to);
  const auto room =
      static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
  stream_.avail_out = room;
  while (!ended_ && stream_.avail_out == room) {
    fill();
    if (stream_.avail_in == 0) {
      throw trace_error(name_ + ": the gzip data ends in the middle; make or copy the file again.");
    }
    switch (inflate(&stream_, Z_NO_FLUSH)) {
      case Z_OK:
      case Z_BUF_ERROR:
        break;
      case Z_STREAM_END:
        ended_ = !next_member();
        break;
      case Z_MEM_ERROR:
        throw std::bad_alloc();
      default:
        throw trace_error(name_ + ": the gzip data is damaged (" +
                          (stream_.msg != nullptr ? stream_.msg : "bad header") +
                          "); make or copy the file again.");
    }
  }
  return room - stream_.avail_out;
}

}  // namespace gobench::detector::offline
