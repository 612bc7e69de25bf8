#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace hsa {

// The last few results of a stage by what they were computed from, newest first.
template <class Key, class Result>
class Memo {
  public:
    explicit Memo(std::size_t capacity = 4) : capacity_(capacity) {}

    [[nodiscard]] std::shared_ptr<const Result> find(const Key& key) const {
        for (const auto& [known, result] : entries_)
            if (known == key) return result;
        return nullptr;
    }
    std::shared_ptr<const Result> put(Key key, std::shared_ptr<const Result> result) {
        entries_.emplace_front(std::move(key), result);
        if (entries_.size() > capacity_) entries_.pop_back();
        return result;
    }

    // Forgets the oldest results that do not fit into `bytes`, each as large as size_of(result)
    // says, but never the newest `least`. Returns how many are left.
    template <class Size>
    std::size_t keep_within(std::size_t bytes, std::size_t least, Size size_of) {
        std::size_t kept = 0;
        for (std::size_t taken = 0; kept < entries_.size(); ++kept) {
            taken += size_of(*entries_[kept].second);
            if (kept >= least && taken > bytes) break;
        }
        entries_.resize(kept);
        return kept;
    }
    template <class Size>
    [[nodiscard]] std::size_t bytes(Size size_of) const {
        std::size_t sum = 0;
        for (const auto& entry : entries_) sum += size_of(*entry.second);
        return sum;
    }

    template <class Each>
    void each(Each see) const {
        for (const auto& entry : entries_) see(*entry.second);
    }

    // From now on keeps so many.
    void limit(std::size_t capacity) {
        capacity_ = capacity;
        while (entries_.size() > capacity_) entries_.pop_back();
    }

  private:
    std::size_t capacity_;
    std::deque<std::pair<Key, std::shared_ptr<const Result>>> entries_;
};

}  // namespace hsa
