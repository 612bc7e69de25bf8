#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace hsa {

// hash_text() of bytes that come piece by piece.
class HashStream {
  public:
    HashStream();
    ~HashStream();
    HashStream(const HashStream&) = delete;
    HashStream& operator=(const HashStream&) = delete;

    void add(std::string_view piece);
    // Of all pieces so far, one after another.
    [[nodiscard]] std::uint64_t value() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hsa
