#pragma once

#include "engine/lanes.h"
#include "tests/catch.h"

#include <chrono>
#include <memory>
#include <string>

namespace reference {

// The sample of an Engine that has nothing but these words.
inline std::string few_words(const std::string&) {
    std::string text;
    for (int line = 0; line < 30; ++line)
        text += line % 2 == 0 ? "The river runs to the grey sea under a low sky.\n\n"
                              : "A gear turns the slow wheel of the old mill again.\n\n";
    return text;
}

// Asks again with another backend; the whole Snapshot.
inline std::shared_ptr<const hsa::Snapshot> answer_to(hsa::Engine& engine, hsa::Request& request,
                                                      const hsa::BackendChoice& choice) {
    request.backend = choice;
    ++request.id;
    engine.request(request);
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (std::chrono::steady_clock::now() < give_up) {
        if (auto snapshot = engine.take_snapshot();
            snapshot && snapshot->request_id == request.id && snapshot->complete) {
            REQUIRE(snapshot->error.empty());
            return snapshot;
        }
        engine.wait_news();
    }
    FAIL("no snapshot came");
    return nullptr;
}

}  // namespace reference
