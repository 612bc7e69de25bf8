#pragma once

#include "engine/explain/linked.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace splatscope {

// Tokens that a view lit, rising: shared with who found them, since a million of them every frame
// would be 4 MB to copy for each view.
class LitTokens {
  public:
    using Tokens = std::vector<std::uint32_t>;
    LitTokens() = default;
    LitTokens(Tokens own) : tokens_(std::make_shared<const Tokens>(std::move(own))) {}
    LitTokens(std::shared_ptr<const Tokens> tokens) : tokens_(std::move(tokens)) {}
    // Those that a selection lights; null: none.
    LitTokens(const std::shared_ptr<const hsa::Linked>& linked)
        : tokens_(linked, linked ? &linked->tokens : nullptr) {}

    [[nodiscard]] const Tokens& all() const {
        static const Tokens none;
        return tokens_ ? *tokens_ : none;
    }
    operator const Tokens&() const { return all(); }
    [[nodiscard]] std::size_t size() const { return all().size(); }
    [[nodiscard]] bool empty() const { return all().empty(); }
    [[nodiscard]] auto begin() const { return all().begin(); }
    [[nodiscard]] auto end() const { return all().end(); }
    [[nodiscard]] bool operator==(const LitTokens& other) const { return all() == other.all(); }
    [[nodiscard]] bool operator==(const Tokens& other) const { return all() == other; }

  private:
    std::shared_ptr<const Tokens> tokens_;
};

}  // namespace splatscope
