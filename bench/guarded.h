#pragma once

#include "engine/core/error.h"

#include <cstdio>
#include <exception>

// The end of every program here: an error is one sentence and its exit code.
template <class Body>
int guarded(const char* program, const Body& body) {
    try {
        body();
        return 0;
    } catch (const hsa::Error& error) {
        std::fprintf(stderr, "%s: %s\n", program, error.what());
        return error.exit_code();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", program, error.what());
    } catch (...) {
        std::fprintf(stderr, "%s: an unknown fault\n", program);
    }
    return 1;
}
