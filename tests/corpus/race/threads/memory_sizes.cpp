// Plain accesses of every size and position. The twins access neighbours: different objects never race, however
// close they lie.
#include <cstdint>
#include <cstring>
#include <utility>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

template <class T>
struct two_of : race_case {
  alignas(16) T value{};
  T neighbour{};
  void first() { value = T(1); }
  void second() { (twin() ? neighbour : value) = T(2); }
};

template <class T>
struct read_of : race_case {
  alignas(16) T value{};
  T neighbour{};
  T seen{};
  void first() { value = T(1); }
  // Through a pointer that no optimiser knows: else it may read both.
  void second() {
    T* volatile from = twin() ? &neighbour : &value;
    seen = *from;
  }
};

struct size_1 : two_of<std::uint8_t> {
  CORPUS_SIDES(two_of)
};
CORPUS_CASE(size_1, "two writes of 1 byte; of neighbouring bytes in the twin");
struct size_2 : two_of<std::uint16_t> {
  CORPUS_SIDES(two_of)
};
CORPUS_CASE(size_2, "two writes of 2 bytes");
struct size_4 : two_of<std::uint32_t> {
  CORPUS_SIDES(two_of)
};
CORPUS_CASE(size_4, "two writes of 4 bytes");
struct size_8 : two_of<std::uint64_t> {
  CORPUS_SIDES(two_of)
};
CORPUS_CASE(size_8, "two writes of 8 bytes");
__extension__ using wide = __int128;
struct size_16 : two_of<wide> {
  CORPUS_SIDES(two_of)
};
CORPUS_CASE(size_16, "two writes of 16 bytes");
struct size_bool : two_of<bool> {
  CORPUS_SIDES(two_of)
};
CORPUS_CASE(size_bool, "two writes of bool");
struct size_float : two_of<float> {
  CORPUS_SIDES(two_of)
};
CORPUS_CASE(size_float, "two writes of float");
struct size_double : two_of<double> {
  CORPUS_SIDES(two_of)
};
CORPUS_CASE(size_double, "two writes of double");
struct size_1_read : read_of<std::uint8_t> {
  CORPUS_SIDES(read_of)
};
CORPUS_CASE(size_1_read, "a write and a read of 1 byte");
struct size_2_read : read_of<std::uint16_t> {
  CORPUS_SIDES(read_of)
};
CORPUS_CASE(size_2_read, "a write and a read of 2 bytes");
struct size_4_read : read_of<std::uint32_t> {
  CORPUS_SIDES(read_of)
};
CORPUS_CASE(size_4_read, "a write and a read of 4 bytes");
struct size_8_read : read_of<std::uint64_t> {
  CORPUS_SIDES(read_of)
};
CORPUS_CASE(size_8_read, "a write and a read of 8 bytes");

// The read comes first.
struct read_then_write : race_case {
  long value = 0;
  long neighbour = 0;
  long seen = 0;
  void first() { seen = value; }
  void second() { (twin() ? neighbour : value) = 2; }
};
CORPUS_CASE(read_then_write, "a read, then a write");

// Two reads are no race.
struct reads_only : race_case {
  long value = 0;
  long seen = 0;
  long seen_too = 0;
  void first() { seen = value; }
  void second() {
    if (twin()) {
      seen_too = value;
    } else {
      ++value;
    }
  }
};
CORPUS_CASE(reads_only, "a read, then an increment; another read in the twin");

// A byte within a word, from either side.
struct byte_in_word : race_case {
  union {
    std::uint64_t words[2] = {};
    std::uint8_t bytes[16];
  };
  void first() { words[0] = 1; }
  void second() { bytes[twin() ? 8 : 7] = 2; }
};
CORPUS_CASE(byte_in_word, "8 bytes, then the last one of them");

struct word_over_byte : race_case {
  union {
    std::uint64_t words[2] = {};
    std::uint8_t bytes[16];
  };
  std::uint64_t seen = 0;
  void first() { bytes[3] = 1; }
  void second() { seen = words[twin() ? 1 : 0]; }
};
CORPUS_CASE(word_over_byte, "one byte, then the 8 around it");

struct overlapping_pairs : race_case {
  union {
    std::uint8_t bytes[8] = {};
    std::uint16_t pairs[4];
    std::uint32_t fours[2];
  };
  void first() { fours[0] = 1; }
  void second() { pairs[twin() ? 2 : 1] = 2; }
};
CORPUS_CASE(overlapping_pairs, "4 bytes, then 2 of them");

template <class T, int Offset>
struct unaligned : race_case {
  struct __attribute__((packed)) layout {
    char before[Offset];
    T value;
    T neighbour;
  };
  alignas(16) layout at{};
  void first() { at.value = T(1); }
  void second() {
    if (twin()) {
      at.neighbour = T(2);
    } else {
      at.value = T(2);
    }
  }
};

struct unaligned_2 : unaligned<std::uint16_t, 1> {
  CORPUS_SIDES(unaligned)
};
CORPUS_CASE(unaligned_2, "2 bytes at an odd address");
struct unaligned_2_across : unaligned<std::uint16_t, 7> {
  CORPUS_SIDES(unaligned)
};
CORPUS_CASE(unaligned_2_across, "2 bytes across two words");
struct unaligned_4 : unaligned<std::uint32_t, 3> {
  CORPUS_SIDES(unaligned)
};
CORPUS_CASE(unaligned_4, "4 bytes at an odd address");
struct unaligned_4_across : unaligned<std::uint32_t, 6> {
  CORPUS_SIDES(unaligned)
};
CORPUS_CASE(unaligned_4_across, "4 bytes across two words");
struct unaligned_8_across : unaligned<std::uint64_t, 5> {
  CORPUS_SIDES(unaligned)
};
CORPUS_CASE(unaligned_8_across, "8 bytes across two words");
struct unaligned_16_across : unaligned<wide, 9> {
  CORPUS_SIDES(unaligned)
};
CORPUS_CASE(unaligned_16_across, "16 bytes across three words");

// Only the part in the second word overlaps.
struct unaligned_overlap : race_case {
  struct __attribute__((packed)) layout {
    char before[6];
    std::uint32_t value;  // bytes 6 to 9
    std::uint8_t after;   // byte 10
  };
  union {
    layout at;
    std::uint8_t bytes[16] = {};
  };
  void first() { at.value = 1; }
  void second() { bytes[twin() ? 10 : 9] = 2; }
};
CORPUS_CASE(unaligned_overlap, "4 bytes across two words, then the last of them");

// Two bit-fields that lie together are one memory location; one of width zero parts them.
struct bit_fields : race_case {
  struct {
    unsigned a : 3 = 0;
    unsigned b : 5 = 0;
    unsigned : 0;
    unsigned c : 4 = 0;
  } bits;
  void first() { bits.a = 1; }
  void second() {
    if (twin()) {
      bits.c = 2;
    } else {
      bits.b = 2;
    }
  }
};
CORPUS_CASE(bit_fields, "two bit-fields that lie together");

struct whole {
  long parts[8];
};

struct struct_copied : race_case {
  whole to[2] = {};
  whole from{};
  void first() { to[0] = from; }
  void second() { to[twin() ? 1 : 0].parts[5] = 2; }
};
CORPUS_CASE(struct_copied, "a struct is assigned, then one of its members");

struct struct_copied_from : race_case {
  whole from[2] = {};
  whole to{};
  void first() { from[0].parts[6] = 1; }
  void second() { to = from[twin() ? 1 : 0]; }
};
CORPUS_CASE(struct_copied_from, "a member is written, then the struct is copied");

struct struct_of_odd_size : race_case {
  struct odd {
    char bytes[13];
  };
  odd to[2] = {};
  odd from{};
  void first() { to[0] = from; }
  void second() { to[twin() ? 1 : 0].bytes[12] = 2; }
};
CORPUS_CASE(struct_of_odd_size, "a struct of 13 bytes is assigned, then its last byte");

struct array_elements : race_case {
  int elements[64] = {};
  void first() {
    for (int i = 0; i < 32; ++i) elements[i] = i;
  }
  void second() {
    for (int i = twin() ? 32 : 31; i < 64; ++i) elements[i] = i;
  }
};
CORPUS_CASE(array_elements, "halves of an array that share one element");

struct array_of_bytes : race_case {
  char elements[64] = {};
  void first() {
    for (int i = 0; i < 27; ++i) elements[i] = 1;
  }
  void second() {
    for (int i = twin() ? 27 : 26; i < 64; ++i) elements[i] = 2;
  }
};
CORPUS_CASE(array_of_bytes, "parts of an array of bytes that share one, within a word");

struct swapped : race_case {
  long a = 1;
  long b = 2;
  long c = 3;
  void first() { std::swap(a, b); }
  void second() { ++(twin() ? c : b); }
};
CORPUS_CASE(swapped, "std::swap, then an increment");

struct compound_assignment : race_case {
  long sum = 0;
  long other = 0;
  void first() { sum += 5; }
  void second() { (twin() ? other : sum) |= 2; }
};
CORPUS_CASE(compound_assignment, "+= beside |=");

}  // namespace
