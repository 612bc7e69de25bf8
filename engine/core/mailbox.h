#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace hsa {

// Holds at most one value: a newer one replaces an older one that nobody took yet.
template <class T>
class Mailbox {
  public:
    void put(T value) {
        {
            const std::lock_guard lock(mutex_);
            value_ = std::move(value);
        }
        arrived_.notify_one();
    }
    // The value, if there is one; never waits.
    std::optional<T> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(value_, std::nullopt);
    }
    // Waits for a value; nothing when `stop` was requested first.
    std::optional<T> wait(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (!arrived_.wait(lock, stop, [this] { return value_.has_value(); })) return std::nullopt;
        return std::exchange(value_, std::nullopt);
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::optional<T> value_;
};

// Keeps every value in the order it came.
template <class T>
class Queue {
  public:
    void put(T value) {
        {
            const std::lock_guard lock(mutex_);
            values_.push_back(std::move(value));
        }
        arrived_.notify_one();
    }
    std::optional<T> take() {
        const std::lock_guard lock(mutex_);
        if (values_.empty()) return std::nullopt;
        T value = std::move(values_.front());
        values_.pop_front();
        return value;
    }
    std::optional<T> wait(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (!arrived_.wait(lock, stop, [this] { return !values_.empty(); })) return std::nullopt;
        T value = std::move(values_.front());
        values_.pop_front();
        return value;
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::deque<T> values_;
};

}  // namespace hsa
