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
