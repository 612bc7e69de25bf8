#pragma once

#include "engine/core/error.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hsa {

static_assert(std::endian::native == std::endian::little, "binary files are little-endian");

template <class T>
concept Plain = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

// Appends numbers as they lie in memory, little-endian, without gaps.
class ByteWriter {
  public:
    template <Plain T>
    void put(T value) {
        out_.append(reinterpret_cast<const char*>(&value), sizeof(T));
    }
    template <Plain T>
    void put_all(std::span<const T> values) {
        out_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    }
    // The count first, so that reading needs no other knowledge.
    template <Plain T>
    void put_list(std::span<const T> values) {
        put<std::uint64_t>(values.size());
        put_all(values);
    }
    template <Plain T>
    void put_list(const std::vector<T>& values) {
        put_list(std::span<const T>(values));
    }
    void put_truth(bool value) { put<std::uint8_t>(value ? 1 : 0); }
    void put_text(std::string_view text) {
        put<std::uint64_t>(text.size());
        out_ += text;
    }

    [[nodiscard]] const std::string& bytes() const { return out_; }
    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    std::string out_;
};

// Reads what ByteWriter wrote. Never reads past the end and never believes a count that the bytes
// left cannot hold: Error "path: truncated or damaged ... at byte N of PART".
class ByteReader {
  public:
    ByteReader(const std::string& path, std::string_view part, std::string_view bytes)
        : path_(path), part_(part), bytes_(bytes) {}

    template <Plain T>
    [[nodiscard]] T get() {
        T value{};
        std::memcpy(&value, need(sizeof(T)), sizeof(T));
        return value;
    }
    template <Plain T>
    [[nodiscard]] std::vector<T> get_all(std::size_t count) {
        if (count > left() / sizeof(T)) damaged("a list goes on past the end");
        std::vector<T> values(count);
        if (count > 0) std::memcpy(values.data(), need(count * sizeof(T)), count * sizeof(T));
        return values;
    }
    template <Plain T>
    [[nodiscard]] std::vector<T> get_list() {
        return get_all<T>(get_count(sizeof(T)));
    }
    // The count of a list whose items take at least `item_bytes` each.
    [[nodiscard]] std::size_t get_count(std::size_t item_bytes) {
        const auto count = get<std::uint64_t>();
        if (count > left() / item_bytes) damaged("a list goes on past the end");
        return static_cast<std::size_t>(count);
    }
    [[nodiscard]] bool get_truth() {
        const auto value = get<std::uint8_t>();
        if (value > 1) damaged("a truth value is neither 0 nor 1");
        return value == 1;
    }
    [[nodiscard]] std::string get_text() {
        const std::size_t count = get_count(1);
        return {need(count), count};
    }
    [[nodiscard]] std::string_view get_view(std::size_t count) { return {need(count), count}; }
    // A number of an enumeration with the values 0 .. last.
    template <class Enum>
    [[nodiscard]] Enum get_enum(Enum last) {
        const auto value = get<std::uint8_t>();
        if (value > static_cast<std::uint8_t>(last)) damaged("an unknown kind");
        return static_cast<Enum>(value);
    }

    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    void expect_end() const {
        if (left() != 0) damaged("there are bytes left over");
    }
    [[noreturn]] void damaged(std::string_view what) const {
        fail("{}: truncated or damaged: {} at byte {} of the {}; copy the file again", path_, what,
             at_, part_);
    }

  private:
    const char* need(std::size_t count) {
        if (count > left()) damaged("it ends too early");
        const char* data = bytes_.data() + at_;
        at_ += count;
        return data;
    }

    const std::string& path_;
    std::string_view part_;
    std::string_view bytes_;
    std::size_t at_ = 0;
};

}  // namespace hsa
