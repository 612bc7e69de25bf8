#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hsa {

// What writing does to a file that is already there.
enum class Existing : std::uint8_t { refuse, replace };

// All bytes of a file; "-" is standard input. A .gz or .zst, told by its first bytes, is unpacked
// (io/compressed.h). Read, never mapped, so a file that another program cuts short meanwhile gives
// an Error instead of a signal. Throws Error for a missing file, a folder, a device, no permission,
// an empty file, one that shrank while it was read, too little memory, or faults of packed bytes.
[[nodiscard]] std::string read_file(const std::string& path);

// The first bytes of a file, or of its content where it is packed, at most `most`: what detect()
// needs. Throws the same Errors.
[[nodiscard]] std::string read_beginning(const std::string& path, std::size_t most);

// Tells a file apart from what another write makes of it: its path, size and time of change. The
// path alone when there is no such file.
[[nodiscard]] std::string stamp_of(const std::string& path);

// Reads an open descriptor to its end. Fewer bytes than `promised` is an Error that names `path`.
[[nodiscard]] std::string read_descriptor(int descriptor, const std::string& path,
                                          std::optional<std::uint64_t> promised);

// Writes all bytes or leaves nothing: a temporary file in the same folder, flushed to the disk,
// then renamed; "-" is standard output, devices and pipes are written directly. A link is followed.
// Throws Error for an existing path with Existing::refuse, a folder, a missing folder, no
// permission, a full disk.
void write_file(const std::string& path, std::string_view bytes, Existing existing);

// Throws the Error that write_file(path, ..., existing) would throw for the path itself, so that a
// long computation is not wasted on a place that cannot be written.
void check_writable(const std::string& path, Existing existing);

}  // namespace hsa
