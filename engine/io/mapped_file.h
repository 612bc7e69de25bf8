#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace hsa {

// A plain file's bytes where the file lies, read-only: the system reads pages when they are looked
// at and drops them when memory is short. Replacing the file by renaming another over it is safe:
// what is mapped stays the old one, which is how write_file() and most programs save. Writing into
// the file in place changes the rows unnoticed. Where it is cut short in place the missing bytes
// read as zeros instead of ending the program, and finish_reading() tells.
class MappedFile {
  public:
    // Null for what is no plain file, is empty, cannot be opened or mapped, or is one too many:
    // read_file() reads it then, or says what is wrong. At most 64 files at once.
    [[nodiscard]] static std::shared_ptr<const MappedFile> open(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::string_view bytes() const { return bytes_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    // The file became shorter and somebody looked at what is missing.
    [[nodiscard]] bool was_cut() const;
    // Whole pages inside `piece` of bytes() may leave memory; looked at again, they are read again.
    void forget(std::string_view piece) const;

  private:
    MappedFile(std::string path, std::string_view bytes, std::size_t slot)
        : path_(std::move(path)), bytes_(bytes), slot_(slot) {}

    std::string path_;
    std::string_view bytes_;
    std::size_t slot_;  // in the table that the handler of a missing page looks into
};

// Where `owner` is a MappedFile: its bytes have been used and may leave memory until they are
// looked at again. Throws Error naming the file when it was cut short. Anything else passes.
void finish_reading(const std::shared_ptr<const void>& owner);

}  // namespace hsa
