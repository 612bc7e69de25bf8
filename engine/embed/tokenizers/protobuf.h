#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace hsa {

// The fields of one protobuf message, one after another. Never reads past its end.
class ProtobufFields {
  public:
    // `path` names the file in errors; both must outlive it.
    ProtobufFields(const std::string& path, std::string_view bytes) : path_(path), bytes_(bytes) {}

    // Moves to the next field; false at the end.
    bool next() {
        if (bytes_.empty()) return false;
        const std::uint64_t key = take_varint();
        number_ = key >> 3U;
        wire_ = key & 7U;
        switch (wire_) {
            case 0: value_ = take_varint(); break;
            case 1: payload_ = take(8); break;
            case 2: payload_ = take(take_varint()); break;
            case 5: payload_ = take(4); break;
            default: damaged();
        }
        return true;
    }

    [[nodiscard]] std::uint64_t number() const { return number_; }
    // A whole number or truth value; Error for a field of another kind, as in all of these.
    [[nodiscard]] std::uint64_t varint() const {
        if (wire_ != 0) damaged();
        return value_;
    }
    [[nodiscard]] float single() const {
        if (wire_ != 5) damaged();
        float number = 0.0F;
        std::memcpy(&number, payload_.data(), sizeof(number));
        return number;
    }
    [[nodiscard]] std::string_view bytes() const {
        if (wire_ != 2) damaged();
        return payload_;
    }

    [[noreturn]] void damaged() const {
        fail("{}: this is no whole SentencePiece model: copy the file again.", path_);
    }

  private:
    std::uint64_t take_varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1).front());
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) return value;
        }
        damaged();
    }
    std::string_view take(std::uint64_t count) {
        if (count > bytes_.size()) damaged();
        const std::string_view taken = bytes_.substr(0, static_cast<std::size_t>(count));
        bytes_.remove_prefix(static_cast<std::size_t>(count));
        return taken;
    }

    const std::string& path_;
    std::string_view bytes_;
    std::uint64_t number_ = 0;
    std::uint64_t wire_ = 0;
    std::uint64_t value_ = 0;
    std::string_view payload_;
};

}  // namespace hsa
