#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// System calls under names of their own, because methods here are called `open`, `read` and `write` too. A
// call that a signal interrupts is repeated.

/// A descriptor, or -1 with `errno` set. New files get the permissions that the user's mask leaves.
func systemOpen(_ path: String, _ flags: Int32) -> Int32 {
    retrying { open(path, flags | O_CLOEXEC, 0o666) }
}

/// The number of bytes read, 0 at the end, or -1 with `errno` set.
func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    retrying { read(descriptor, buffer.baseAddress, buffer.count) }
}

/// The number of bytes written, or -1 with `errno` set.
func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    retrying { write(descriptor, bytes.baseAddress, bytes.count) }
}

/// As `systemWrite`, at a byte of the file.
func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
    retrying { pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset)) }
}

private func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
