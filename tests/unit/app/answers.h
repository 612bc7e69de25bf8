#pragma once

#include "app/runner.h"
#include "tests/catch.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

// The JSON value of a question that must be answered.
inline nlohmann::json answer(splatscope::Runner& runner, const std::string& line) {
    const splatscope::Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
    return nlohmann::json::parse(outcome.output);
}

// Whether the screen says something that holds these words.
inline bool noted(const splatscope::Runner& runner, const std::string& words) {
    const auto& notes = runner.snapshot().notes;
    return std::any_of(notes.begin(), notes.end(), [&](const std::string& note) {
        return note.find(words) != std::string::npos;
    });
}
