// The main of every test program, compiled once. Each ends with a line "N passed, N failed" that
// ./test adds up.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using ListenerBase = Catch::EventListenerBase;
int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
#else
#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>
using ListenerBase = Catch::TestEventListenerBase;
#endif

#include <cstdio>
#include <cstdlib>

namespace {

class ClosingLine : public ListenerBase {
  public:
    using ListenerBase::ListenerBase;

    // Neither models of whoever runs the tests nor what earlier runs have kept change a result.
    void testRunStarting(const Catch::TestRunInfo&) override {
        ::setenv("SPLATSCOPE_MODELS", "", 1);
        ::setenv("SPLATSCOPE_CACHE", "", 1);
    }

    void testRunEnded(const Catch::TestRunStats& stats) override {
        const Catch::Counts& cases = stats.totals.testCases;
        std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(cases.passed),
                    static_cast<unsigned long long>(cases.failed));
        std::fflush(stdout);
    }
};

}  // namespace

CATCH_REGISTER_LISTENER(ClosingLine)
