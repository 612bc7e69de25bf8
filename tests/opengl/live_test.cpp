#include "engine/attention/factors.h"
#include "engine/compute/card/card.h"
#include "engine/compute/opengl/gl_buffer.h"
#include "engine/compute/opengl/opengl_backend.h"
#include "engine/core/error.h"
#include "engine/lanes.h"
#include "tests/card/card.h"
#include "tests/catch.h"
#include "tests/opengl/opengl.h"
#include "tests/reference/cases.h"
#include "tests/reference/live_engine.h"

#include <epoxy/gl.h>

#include <atomic>
#include <cmath>
#include <string>

// OpenGL behind the lanes, taken up and lost while they run.
namespace {

using namespace hsa;

// Squared difference of what both wrote, over the square of the one.
double apart(const FactorMatrix& a, const FactorMatrix& b) {
    REQUIRE(a.size() == b.size());
    double miss = 0.0;
    double square = 0.0;
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t s = 0; s < a.cols(); ++s) {
            const auto wanted = static_cast<double>(a(i, s));
            miss += std::pow(static_cast<double>(b(i, s)) - wanted, 2.0);
            square += wanted * wanted;
        }
    return miss / square;
}

}  // namespace

TEST_CASE("opengl: the lanes go from the CPU to it and on when it is lost", "[opengl]") {
    std::atomic<int> good_for{1000000};
    Engine::Options options;
    options.read_sample = reference::few_words;
    options.backend.name = "cpu";
    options.offered = {{"opengl", [&good_for](bool by_name) {
                            OpenGlOptions given = opengl_options();
                            given.before_operation = [&good_for] {
                                if (good_for-- <= 0) fail_gl(0x0507, "a test ran");
                            };
                            return make_opengl_backend(std::move(given), by_name);
                        }}};
    Engine engine(std::move(options));
    Request request;
    request.sources.push_back({"sample:words", "text", 0});
    request.last_cycle = request.cursor = 2;
    const auto cpu = reference::answer_to(engine, request, {"cpu", 0});
    const auto card = reference::answer_to(engine, request, {"opengl", 1});
    CHECK(card->backend == "opengl");
    CHECK(card->registry == cpu->registry);
    CHECK(apart(cpu->factors->p, card->factors->p) <= 1e-7);
    CHECK(apart(cpu->factors->k, card->factors->k) <= 1e-7);
    // In the middle of what comes next.
    good_for = 7;
    request.last_cycle = request.cursor = 4;
    const auto after = reference::answer_to(engine, request, {"opengl", 1});
    CHECK(after->history->last() == 4);
    CHECK(after->history->cycles[2] == cpu->history->cycles[2]);
    CHECK_THAT(engine.backend_state().info.note, Catch::Contains("its context is lost") &&
                                                     Catch::Contains("the CPU goes on") &&
                                                     Catch::Contains("set compute.backend opengl"));
    good_for = 1000000;
    const auto again = reference::answer_to(engine, request, {"opengl", 2});
    CHECK(again->backend == "opengl");
    CHECK(engine.backend_state().info.note.empty());
    CHECK(again->registry == after->registry);
}

TEST_CASE("opengl: what a driver says is a sentence, and too little memory is told apart",
          "[opengl]") {
    CHECK_THROWS_AS(fail_gl(GL_OUT_OF_MEMORY, "a test ran"), CardFull);
    CHECK_THROWS_WITH(fail_gl(GL_OUT_OF_MEMORY, "a test ran"),
                      Catch::Contains("too little memory while a test ran"));
    CHECK_THROWS_WITH(fail_gl(0x0507, "a test ran"), Catch::Contains("context is lost"));
    CHECK_THROWS_WITH(fail_gl(GL_INVALID_VALUE, "a test ran"), Catch::Contains("0x501"));
}

TEST_CASE("opengl: an operation that finds the card full is begun anew in smaller blocks",
          "[opengl]") {
    int full = 0;
    const auto backend = make_tested([&full] {
        if (full-- > 0) throw CardFull("the graphics card has too little memory for a test");
    });
    const auto plain = make_tested();
    reference::Shape shape;
    shape.tokens = 300;
    shape.dimension = 4;
    shape.splats = {9};
    const reference::Case data = reference::random_case(shape, 3);
    const auto wanted = compute_factors(*plain, data.registry, data.coordinates, {}, {});
    full = 1;
    const auto found = compute_factors(*backend, data.registry, data.coordinates, {}, {});
    CHECK(backend->info().name == "opengl");
    CHECK(found.p == wanted.p);
    CHECK(found.k == wanted.k);
}
