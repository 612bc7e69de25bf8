#pragma once

#include "engine/core/error.h"

#include <cstddef>

namespace hsa {

// An edit by hand that could not be done: which of Request::entries, and why.
class EditFailed : public Error {
  public:
    EditFailed(const Error& why, std::size_t entry)
        : Error(why.kind(), why.what()), entry_(entry) {}

    [[nodiscard]] std::size_t entry() const noexcept { return entry_; }

  private:
    std::size_t entry_ = 0;
};

}  // namespace hsa
