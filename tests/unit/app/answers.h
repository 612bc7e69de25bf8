#pragma once

#include "app/runner.h"
#include "tests/catch.h"

#include <nlohmann/json.hpp>

#include <string>

// The JSON value of a question that must be answered.
inline nlohmann::json answer(splatscope::Runner& runner, const std::string& line) {
    const splatscope::Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
    return nlohmann::json::parse(outcome.output);
}
