#pragma once

#include "app/runner.h"
#include "engine/core/error.h"
#include "engine/core/work.h"

#include <fmt/core.h>

#include <exception>
#include <new>
#include <string>

namespace splatscope {

// Every way a command can end badly, told as an Outcome; `work` fills in what went well.
// Interrupted alone passes.
template <class Work>
Outcome told(const std::string& line, const Work& work) {
    Outcome outcome;
    outcome.line = line;
    try {
        work(outcome);
    } catch (const Interrupted&) {
        throw;
    } catch (const hsa::Cancelled&) {
        outcome.error = fmt::format("Cancelled: {}", line);
        outcome.exit_code = 1;
    } catch (const hsa::Error& error) {
        outcome.error = error.what();
        outcome.exit_code = error.exit_code();
    } catch (const std::bad_alloc&) {
        outcome.error = "There is not enough memory for: " + line;
        outcome.exit_code = 1;
    } catch (const std::exception& error) {
        outcome.error = fmt::format("The program failed at '{}': {}", line, error.what());
        outcome.exit_code = 70;
    }
    return outcome;
}

}  // namespace splatscope
