// File descriptors as synchronisation: what is written is before the read that may have got it.
//
// Invariants
// - What a descriptor leads to has a place in a fixed table, whose address is the object of its edges. Pipes,
//   named pipes and files are found by inode, so both ends, duplicates and inherited descriptors agree without
//   any record of them. Kernel objects without an inode of their own (eventfd, timerfd, epoll) and socket
//   pairs get a place when they are made, which a descriptor carries until it is closed and its duplicates
//   share. All other sockets share one place: who is connected with whom is not known.
// - Two that share a place share their edges, which can hide a race and never makes one up.
// - errno is as it was.
#pragma once

#include <cstddef>

#include <sys/uio.h>

#include "detector/engine/engine.hpp"

namespace gobench::detector::interpose::descriptors {

// What is told here is skipped while the caller is internal.

// A new descriptor, -1 for none. Returns it.
int opened(int fd) noexcept;
int opened_alone(int fd) noexcept;                 // one without an inode of its own
void opened_pair(int first, int second) noexcept;  // a pair of connected sockets
int duplicated(int from, int to) noexcept;
void closing(int fd) noexcept;

// Before something is written or the descriptor is closed; after something was read or seen to be ready.
void written(int fd) noexcept;
void was_read(int fd) noexcept;

// Waiting by epoll: it returns what the program attached, not descriptors, so all that are watched share a place.
void watched(int epoll, int fd) noexcept;
void events_seen() noexcept;
// Descriptors came in a message: their places are not known.
void received_in_message() noexcept;

// Message queues and semaphores of System V.
const void* queues() noexcept;

// Buffers, if the caller is judged (modules.hpp).
void buffer_read(const void* buffer, std::size_t size, address pc) noexcept;
void buffer_written(const void* buffer, std::size_t size, address pc) noexcept;
void buffers_read(const iovec* buffers, std::size_t count, address pc) noexcept;
void buffers_written(const iovec* buffers, std::size_t count, std::size_t size,
                     address pc) noexcept;

}  // namespace gobench::detector::interpose::descriptors
