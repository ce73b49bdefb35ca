//go:build !amd64

package main

// The number of arm64, riscv64 and loong64, which share their table of system calls.
const sysGetcpu = 168
