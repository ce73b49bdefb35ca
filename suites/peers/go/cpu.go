package main

import (
	"syscall"
	"unsafe"
)

// cpuHere is the CPU that the caller is on.
func cpuHere() uint32 {
	var cpu uint32
	syscall.RawSyscall(sysGetcpu, uintptr(unsafe.Pointer(&cpu)), 0, 0)
	return cpu
}
