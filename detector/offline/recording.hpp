// The format of a recording: what a program did, as one stream of events in one order (docs/traces.md).
//
//   header   "GOBTRACE", version (2 bytes), 6 bytes 0; numbers are little-endian
//   records  tag byte: kind in the low 5 bits, in the high 3 a code for the size of an access; then the fields
//            of the kind, see record_kind
//
// Fields are variable-length numbers: 7 bits a byte, the low ones first, the high bit says that more follow. Addresses
// and program counters are differences to the last one of their sort (zigzag: 0, -1, 1, -2, ...), so that
// most events have 3 to 6 bytes. Which task acts is said by a record of its own when it changes.
//
// The writer puts whole records into the file only as far as its buffer was written: a recording that ends without
// an `end` record is that of a program that was killed, and is good up to the last whole record.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace gobench::detector::offline {

inline constexpr std::array<char, 8> recording_magic{'G', 'O', 'B', 'T', 'R', 'A', 'C', 'E'};
inline constexpr std::uint16_t recording_version = 1;
inline constexpr std::size_t recording_header_size = 16;

// A: address (difference), O: object (an address, difference), P: program counter of the event (difference, 0
// when not known), N: number, T: number of bytes and as many bytes.
enum class record_kind : std::uint8_t {
  end = 0,              // nothing follows
  task = 1,             // N: the events that follow are of this task
  task_name = 2,        // T: of the current task
  task_end = 3,         // the current task is over; its number may be used again
  read = 4,             // A P, and N where the tag has size_follows
  write = 5,            // as read
  atomic_read = 6,      // as read
  atomic_write = 7,     // as read; read-modify-write operations are writes
  acquire = 8,          // O P
  release = 9,          // O P: replaces what was published on the object
  release_merge = 10,   // O P: adds to it
  transfer = 11,        // O O P: what is published on the first replaces what is on the second
  transfer_merge = 12,  // O O P: the same, added
  forget_object = 13,   // O: nothing is published on it any more
  fork = 14,            // N P: the task, new with this event
  join = 15,            // N P
  memory_new = 16,      // A N: so many bytes were allocated, or are a stack used again
  memory_freed = 17,    // A N P
  module = 18,          // N N T T: address at which it is loaded, size, path, build id
};
inline constexpr std::uint8_t last_record_kind = 18;

// Codes 0 to 4 are 1, 2, 4, 8 and 16 bytes.
inline constexpr unsigned size_follows = 7;

// Limits that a reader insists on: of T, and of a whole record.
inline constexpr std::size_t longest_text = 8 * 1024;
inline constexpr std::size_t longest_record = 2 * longest_text + 64;

constexpr std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1) ^ (~(difference >> 63) + 1);
}
constexpr std::uint64_t unzigzag(std::uint64_t number) {
  return (number >> 1) ^ (~(number & 1) + 1);
}

}  // namespace gobench::detector::offline
