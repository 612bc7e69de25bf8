#pragma once

#include "app/session.h"
#include "engine/snapshot.h"

#include <string>

namespace splatscope {

inline constexpr int kGuideSteps = 5;

// A step of the first five minutes (experience.md): what to do next.
struct GuideStep {
    int number = 0;  // 1 .. kGuideSteps; beyond: all is done
    std::string text;
};

// The first step that is not done yet, read from what there is; `saved`: a picture was saved.
[[nodiscard]] GuideStep guide_step(const Session& session, const hsa::Snapshot& snapshot,
                                   bool saved);

}  // namespace splatscope
