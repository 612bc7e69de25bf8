#pragma once

#include "engine/core/work.h"

#include <stop_token>
#include <utility>

namespace splatscope {

// The work of a lane that ends with a stop of its own, too. Throws Cancelled where that was asked
// for before its turn came.
class StoppedToo {
  public:
    StoppedToo(const hsa::Work& lane, std::stop_source own)
        : own_(std::move(own)), work_(lane), lane_(lane.stop, Stop{own_}) {
        work_.stop = own_.get_token();
        work_.check();
    }
    [[nodiscard]] const hsa::Work& work() const { return work_; }

  private:
    struct Stop {
        std::stop_source own;
        void operator()() { own.request_stop(); }
    };
    std::stop_source own_;
    hsa::Work work_;
    std::stop_callback<Stop> lane_;
};

}  // namespace splatscope
