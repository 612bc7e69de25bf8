#include "engine/io/conllu.h"

#include "engine/embed/words.h"
#include "tests/unit/engine/io/io_test.h"

#include <cmath>

using io_test::check_fails;

namespace {

// "The dog didn't bark." with a word that is written as one and an empty node, and "It slept ."
const char* const kParse =
    "# text = The dog didn't bark.\n"
    "1\tThe\tthe\tDET\t_\t_\t2\tdet\t_\t_\n"
    "2\tdog\tdog\tNOUN\t_\t_\t5\tnsubj\t_\t_\n"
    "3-4\tdidn't\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "3\tdid\tdo\tAUX\t_\t_\t5\taux\t_\t_\n"
    "4\tn't\tnot\tPART\t_\t_\t5\tadvmod\t_\t_\n"
    "5\tbark\tbark\tVERB\t_\t_\t0\troot\t_\t_\n"
    "5.1\tnothing\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "6\t.\t.\tPUNCT\t_\t_\t5\tpunct\t_\t_\r\n"
    "\n"
    "1\tIt\tit\tPRON\t_\t_\t2\tnsubj\t_\t_\n"
    "2\tslept\tsleep\tVERB\t_\t_\t0\troot\t_\t_\n";

hsa::Dataset words(const char* text) {
    return hsa::split_words("dog.txt", std::make_shared<const std::string>(text), {});
}

}  // namespace

TEST_CASE("a parse gives its words in order", "[io][conllu]") {
    const hsa::Parse parse = hsa::read_conllu("dog.conllu", kParse);
    CHECK(parse.form.size() == 8);
    CHECK(parse.head[1] == 4);
    CHECK(parse.head[4] == hsa::Parse::kNone);
    CHECK(parse.head[6] == 7);
    REQUIRE(parse.written.size() == 7);
    CHECK(parse.written[2].form == "didn't");
    CHECK(parse.written[2].words == 2);
    CHECK(hsa::looks_like_conllu(kParse));
    CHECK_FALSE(hsa::looks_like_conllu("1\t2\t3\n"));
    CHECK(hsa::text_of(parse) == "The dog didn't bark .\nIt slept\n");
}

TEST_CASE("tokens of a text take what a parse says of their words", "[io][conllu]") {
    hsa::Dataset dataset = words("The dog\ndidn't bark. It slept");
    const std::uint64_t before = dataset.hash;
    hsa::add_parse("dog.conllu", hsa::read_conllu("dog.conllu", kParse), dataset);
    CHECK(dataset.hash != before);
    REQUIRE(dataset.properties.size() == 5);
    CHECK(hsa::has_parse(dataset));
    CHECK(dataset.properties[3].name == "head");
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const std::string word = dataset.token_text(i);
        const double head = dataset.properties[3].numbers[i];
        INFO(word);
        if (word == "dog") {
            CHECK(dataset.properties[1].words[i] == "nsubj");
            CHECK(dataset.token_text(static_cast<std::size_t>(head)) == "bark");
        }
        if (word == "It") CHECK(dataset.token_text(static_cast<std::size_t>(head)) == "slept");
        if (word == "bark") {
            CHECK(dataset.properties[0].words[i] == "VERB");
            CHECK(std::isnan(head));
        }
        CHECK_FALSE(dataset.properties[0].words[i].empty());
    }
}

TEST_CASE("phrases end at clauses and at what hangs from them", "[io][conllu]") {
    // "The old dog , saw a cat that slept": the subject, the verb, the object, the clause of it.
    const hsa::Parse parse = hsa::read_conllu("p.conllu",
                                              "1\tThe\t_\tDET\t_\t_\t3\tdet\t_\t_\n"
                                              "2\told\t_\tADJ\t_\t_\t3\tamod\t_\t_\n"
                                              "3\tdog\t_\tNOUN\t_\t_\t5\tnsubj\t_\tSpaceAfter=No\n"
                                              "4\t,\t_\tPUNCT\t_\t_\t5\tpunct\t_\t_\n"
                                              "5\tsaw\t_\tVERB\t_\t_\t0\troot\t_\t_\n"
                                              "6\ta\t_\tDET\t_\t_\t7\tdet\t_\t_\n"
                                              "7\tcat\t_\tNOUN\t_\t_\t5\tobj\t_\t_\n"
                                              "8\tthat\t_\tPRON\t_\t_\t9\tnsubj\t_\t_\n"
                                              "9\tslept\t_\tVERB\t_\t_\t7\tacl:relcl\t_\t_\n");
    CHECK(hsa::phrases_of(parse) == std::vector<std::size_t>{2, 2, 2, 4, 4, 6, 6, 7, 8});
    CHECK(hsa::text_of(parse) == "The old dog, saw a cat that slept\n");
}

TEST_CASE("a parse that is none, or of another text, is refused", "[io][conllu]") {
    const auto read = [](const std::string& text) { (void)hsa::read_conllu("p.conllu", text); };
    check_fails([&] { read("1\tThe\tthe\n"); }, {"line 1"});
    check_fails([&] { read("2\tThe\t_\t_\t_\t_\t0\t_\t_\t_\n"); }, {"1 was expected"});
    check_fails([&] { read("1\tThe\t_\t_\t_\t_\t4\t_\t_\t_\n"); }, {"head 4"});
    check_fails([&] { read("1\tThe\t_\t_\t_\t_\tx\t_\t_\t_\n"); }, {"no number"});
    check_fails([&] { read("1\ta\t_\t_\t_\t_\t2\t_\t_\t_\n2\tb\t_\t_\t_\t_\t1\t_\t_\t_\n"); },
                {"line 1", "circle"});
    check_fails([&] { read("1-2\tThe\t_\t_\t_\t_\t_\t_\t_\t_\n"); }, {"longer than its sentence"});
    check_fails([&] { read("2-1\tThe\t_\t_\t_\t_\t_\t_\t_\t_\n"); }, {"no range"});
    check_fails([&] { read("# nothing\n\n"); }, {"no word"});
    hsa::Dataset other = words("Quite another text.");
    check_fails([&] { hsa::add_parse("p.conllu", hsa::read_conllu("p.conllu", kParse), other); },
                {"no word 'The'"});
}
