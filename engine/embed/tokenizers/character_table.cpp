#include "engine/embed/tokenizers/character_table.h"

#include "engine/core/error.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace hsa {
namespace {

constexpr std::uint32_t kLeafBit = 1U << 31U;
constexpr int kMostAnswers = 32;  // that the library has room for in one look-up

std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10U) << ((unit & (1U << 9U)) >> 6U); }
std::uint32_t label_of(std::uint32_t unit) { return unit & (kLeafBit | 0xffU); }
bool has_leaf(std::uint32_t unit) { return ((unit >> 8U) & 1U) != 0; }

class Trie {
  public:
    Trie(const std::string& path, std::string_view units, std::string_view texts)
        : path_(path), units_(units.size() / sizeof(std::uint32_t)), texts_(texts) {
        std::memcpy(units_.data(), units.data(), units.size());
    }

    // Visits every node that a text can lead to, once, and counts the answers on the way to it.
    void check() const {
        struct Step {
            std::size_t node = 0;
            unsigned next = 0;  // byte to follow
            int answers = 0;
        };
        std::vector<char> on_way(units_.size(), 0);
        std::vector<int> most(units_.size(), -1);  // answers on the way to it, when it was visited
        std::vector<Step> way;
        const auto enter = [&](std::size_t node, int answers) {
            if ((node | 0xffU) >= units_.size()) damaged();
            if (on_way[node] != 0) damaged();  // a circle
            if (most[node] >= answers) return;
            most[node] = answers;
            on_way[node] = 1;
            way.push_back({node, 0, answers});
        };
        enter(offset_of(units_.front()), 0);
        while (!way.empty()) {
            Step& step = way.back();
            if (step.next > 0xff) {
                on_way[step.node] = 0;
                way.pop_back();
                continue;
            }
            const std::size_t child = step.node ^ step.next;
            const std::uint32_t unit = units_[child];
            const bool follows = label_of(unit) == step.next;
            ++step.next;
            if (!follows) continue;
            const int answers = step.answers + (has_leaf(unit) ? 1 : 0);
            const std::size_t node = child ^ offset_of(unit);
            if (answers > kMostAnswers) damaged();
            if (has_leaf(unit)) {
                if (node >= units_.size()) damaged();
                if ((units_[node] & ~kLeafBit) >= texts_.size()) damaged();
            }
            enter(node, answers);
        }
    }

  private:
    [[noreturn]] void damaged() const {
        fail("{}: its table of characters is damaged: copy the file again.", path_);
    }

    const std::string& path_;
    std::vector<std::uint32_t> units_;
    std::string_view texts_;
};

}  // namespace

void check_character_table(const std::string& path, std::string_view table) {
    if (table.empty()) return;
    std::uint32_t trie_bytes = 0;
    const auto bad = [&] {
        fail("{}: its table of characters is cut short: copy the file again.", path);
    };
    if (table.size() < sizeof(trie_bytes)) bad();
    std::memcpy(&trie_bytes, table.data(), sizeof(trie_bytes));
    table.remove_prefix(sizeof(trie_bytes));
    constexpr std::size_t kBlock = 256 * sizeof(std::uint32_t);
    if (trie_bytes < kBlock || trie_bytes % sizeof(std::uint32_t) != 0 ||
        trie_bytes >= table.size() || table.back() != '\0')
        bad();
    Trie(path, table.substr(0, trie_bytes), table.substr(trie_bytes)).check();
}

}  // namespace hsa
