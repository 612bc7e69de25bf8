#pragma once

#include "engine/io/mapped_file.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hsa {

// The bytes of a file and what keeps them, in memory or mapped; copies share them.
class FileBytes {
  public:
    FileBytes() = default;
    explicit FileBytes(std::string bytes)
        : owner_(std::make_shared<const std::string>(std::move(bytes))),
          bytes_(*std::static_pointer_cast<const std::string>(owner_)) {}
    explicit FileBytes(const std::shared_ptr<const MappedFile>& file)
        : owner_(file), mapped_(file.get()), bytes_(file->bytes()) {}
    // Bytes that somebody else keeps: who wants them for longer copies them.
    [[nodiscard]] static FileBytes borrowed(std::string_view bytes) {
        FileBytes some;
        some.bytes_ = bytes;
        return some;
    }

    [[nodiscard]] std::string_view view() const { return bytes_; }
    [[nodiscard]] const std::shared_ptr<const void>& owner() const { return owner_; }
    [[nodiscard]] bool mapped() const { return mapped_ != nullptr; }
    // Of mapped bytes: they may leave memory until they are looked at again.
    void forget(std::string_view piece) const {
        if (mapped_ != nullptr) mapped_->forget(piece);
    }

  private:
    std::shared_ptr<const void> owner_;
    const MappedFile* mapped_ = nullptr;
    std::string_view bytes_;
};

// A .npy file whose values can be used where they lie (can_view_npy), or a .safetensors file, of
// more than `map_above` bytes is mapped; everything else is read. Throws Error as read_file.
[[nodiscard]] FileBytes read_or_map(const std::string& path, std::uint64_t map_above);

}  // namespace hsa
