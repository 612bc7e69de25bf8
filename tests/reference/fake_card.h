#pragma once

#include "engine/compute/card/card_memory.h"
#include "engine/compute/cpu/cpu_backend.h"
#include "engine/core/error.h"
#include "tests/reference/shared_backend.h"

#include <atomic>
#include <memory>
#include <string>

namespace reference {

// What tests do to a card that is none: whether it is built in, and when it fails.
struct FakeSlot {
    std::atomic<bool> there{true};
    std::atomic<int> made{0};
    std::atomic<int> good_for{1000000};  // splats that are brought to it before it is lost
};

// The CPU under the name of a card. Lost, it says so as one does.
class FakeCard : public SharedBackend, public hsa::SaysCardMemory {
  public:
    explicit FakeCard(std::shared_ptr<FakeSlot> slot)
        : SharedBackend(std::shared_ptr<hsa::Backend>(hsa::make_cpu_backend())),
          slot_(std::move(slot)) {
        ++slot_->made;
    }
    [[nodiscard]] hsa::CardMemory card_memory() const override {
        return lost_ ? hsa::CardMemory{} : hsa::CardMemory{24000000000U, 20900000000U};
    }

  private:
    [[nodiscard]] hsa::BackendInfo do_info() const override {
        hsa::BackendInfo info = inner_->info();
        if (lost_) {
            info.note = "cuda on a card of the tests stopped (it was pulled out); the CPU goes on.";
            return info;
        }
        info.name = "cuda";
        info.device = "Card of the tests (rev 2)";
        info.on_cpu = {hsa::words_of(hsa::RowPass::moments)};
        return info;
    }
    [[nodiscard]] std::shared_ptr<const hsa::BoundSplats> do_bind(
        const hsa::SplatColumns& splats) override {
        if (slot_->good_for-- <= 0) lost_ = true;
        return inner_->bind(splats);
    }

    std::shared_ptr<FakeSlot> slot_;
    std::atomic<bool> lost_{false};
};

inline hsa::BackendEntry fake_entry(const std::shared_ptr<FakeSlot>& slot) {
    return {"cuda", [slot](bool) -> std::unique_ptr<hsa::Backend> {
                if (!slot->there) hsa::fail("There is no card in these tests.");
                return std::make_unique<FakeCard>(slot);
            }};
}

}  // namespace reference
