#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hsa {

// Pieces and their numbers, one to one.
class Vocabulary {
  public:
    // `where` names the file in errors. Throws Error when the piece is there already, when its
    // number is another's, and for a number far beyond those of `expected` pieces.
    void add(const std::string& where, std::string piece, std::uint64_t id, std::size_t expected);

    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view piece) const;
    [[nodiscard]] std::string_view piece(std::uint32_t id) const {
        return id < pieces_.size() && pieces_[id] != nullptr ? std::string_view(*pieces_[id])
                                                             : std::string_view();
    }
    // One more than the highest number.
    [[nodiscard]] std::size_t size() const { return pieces_.size(); }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> ids_;
    std::vector<const std::string*> pieces_;  // keys of ids_, which stay where they are
};

// A piece inside a word: bytes [begin, end) of it.
struct Symbol {
    std::uint32_t id = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

// Cuts one word into pieces of a vocabulary. Immutable.
class PieceModel {
  public:
    virtual ~PieceModel() = default;
    // Appends the pieces of a word that is not empty.
    virtual void cut(std::string_view word, std::vector<Symbol>& pieces) const = 0;
    [[nodiscard]] virtual std::string_view kind() const = 0;
    [[nodiscard]] virtual std::string name(std::uint32_t id) const = 0;
};

}  // namespace hsa
