// Where the text of an exporter goes, and what of it survives a killed run or a full disk.
//
// Invariants of a file (make_file_output)
//  - From start() on, the file holds exactly what the calls that have returned put there, or in
//    addition the whole of the one in progress; never a part of it. That holds for whoever reads
//    it at any time, also after a SIGKILL of this process at any instant. (It does not hold for a
//    power cut before finish(), which is what syncs.)
//  - Before start(), an existing file is as it was.
//  - A call that throws has changed nothing.
//
// How: write(2) is not atomic. Linux copies page by page, extends the file after each page and stops
// between two pages when the process is being killed (generic_perform_write in mm/filemap.c looks at
// fatal_signal_pending for every page). So
//  - a piece that lies within one page is written by a single pwrite(2), which a kill cannot cut; and
//  - a piece that crosses into the next page, one in forty for rows of 100 bytes, goes into a copy of
//    the file that is then renamed over it. The kernel makes the copy.
// The test that kills writers sees the difference: with a single pwrite(2) for every piece, 17 of 6'000
// killed runs left a cut entry (Linux 6.18, ext4); this way none did.
// Rejected: a write(2) per row alone, as every journal that wants this has a checksum per entry, which
// CSV has no place for; mmap, which is cut at any byte; a second process that outlives the kill, since
// who kills a benchmark kills its group; padding rows to end at a page, as nobody wants to read that.
//
// A file in a folder that cannot be written to, or one mounted by itself, cannot be renamed over; it
// is written in place, and only pieces that cross a page can be cut.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gobench::results::internal {

// All of these throw std::system_error with the name of the output and the cause.
class output {
 public:
  virtual ~output() = default;
  output() = default;
  output(const output&) = delete;
  output& operator=(const output&) = delete;

  // Replaces all that was there before.
  virtual void start(std::string_view text) = 0;
  // The last `replaced` bytes give way to `text`, which is not shorter.
  virtual void extend(std::string_view text, std::size_t replaced = 0) = 0;
  // The first `replaced` bytes give way to `text`.
  virtual void replace_head(std::string_view text, std::size_t replaced) = 0;
  // All that was written is safe. Nothing follows.
  virtual void finish() = 0;
  // The file, if it is one. Without, nothing can be replaced (`replaced` must be 0, and there is no
  // replace_head) and start() is called once.
  virtual std::optional<std::filesystem::path> file() const = 0;
};

// A file, or a device or pipe by its name. Throws here when it cannot be written.
std::unique_ptr<output> make_file_output(const std::filesystem::path& file);

// A stream that outlives it; flushed after every call.
std::unique_ptr<output> make_stream_output(std::ostream& out);

}  // namespace gobench::results::internal
