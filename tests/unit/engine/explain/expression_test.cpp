#include "engine/explain/expression.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using hsa::Field;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

const std::vector<Field>& fields() {
    static const std::vector<Field> all = {
        {"usage",
         [] {
             return std::vector<double>{0.1, 0.2, 0.4, 0.3};
         },
         {}},
        {"parent share",
         [] {
             return std::vector<double>{0.5, kNone, 0.7, 0.5};
         },
         {}},
        {"odd-name",
         [] {
             return std::vector<double>{1, 2, 3, 4};
         },
         {}},
        {"level",
         {},
         [](std::size_t thing) { return std::string(thing < 2 ? "Token" : "Section"); }},
        {"name", {}, [](std::size_t thing) { return "splat \"" + std::to_string(thing) + "\""; }}};
    return all;
}

const std::vector<hsa::Constant> kConstants = {{"k", 4.0}, {"cycle", 7.0}};

using Which = std::vector<std::size_t>;

Which which(const std::string& text) {
    INFO(text);
    return hsa::holds_for(hsa::parse_expression(text), fields(), kConstants, 4);
}

std::string refused(const std::string& text) {
    try {
        (void)which(text);
    } catch (const hsa::Error& error) {
        CHECK(error.kind() == hsa::ErrorKind::usage);
        return error.what();
    }
    return "it was taken";
}

const Which kAll = {0, 1, 2, 3};

}  // namespace

TEST_CASE("an expression selects what it holds for", "[explain][expression]") {
    CHECK(which("usage > 0.15") == Which{1, 2, 3});
    CHECK(which("usage>1/k") == Which{2, 3});
    CHECK(which("level == \"Section\" && usage > 1.4/k") == Which{2});
    CHECK(which("level == 'Token'") == Which{0, 1});
    CHECK(which("level < 'Token'") == Which{2, 3});
    CHECK(which("level ~ 'TOK' || usage >= 4e-1") == Which{0, 1, 2});  // whatever the case
    CHECK(which("name == \"splat \\\"2\\\"\"") == Which{2});
    CHECK(which("name == 'splat \"2\"'") == Which{2});
    CHECK(which("`odd-name` <= 2") == Which{0, 1});
    CHECK(which("cycle == 7") == kAll);
    CHECK(which("\t1<2 ") == kAll);
    CHECK(which("'Section' == level") == Which{2, 3});
}

TEST_CASE("operators bind as in C", "[explain][expression]") {
    CHECK(which("2 + 3 * 4 == 14") == kAll);
    CHECK(which("(2 + 3) * 4 == 20") == kAll);
    CHECK(which("10 - 4 - 3 == 3") == kAll);
    CHECK(which("16 / 4 / 2 == 2") == kAll);
    CHECK(which("-2 * -3 == 6") == kAll);
    CHECK(which("2 - -1 == 3") == kAll);
    CHECK(which("1 == 1 || 1 == 2 && 1 == 3") == kAll);  // && binds tighter
    CHECK(which("(1 == 1 || 1 == 2) && 1 == 3").empty());
    CHECK(which("!(usage > .15) || usage > .35") == Which{0, 2});
    CHECK(which("!!(usage > .35)") == Which{2});
    CHECK(which("usage - 0.1 > 0.15") == Which{2, 3});
}

TEST_CASE("nothing compares with what has no value", "[explain][expression]") {
    CHECK(which("parent_share > 0") == Which{0, 2, 3});
    CHECK(which("parent_share <= 0").empty());
    CHECK(which("parent_share != 0.5") == Which{2});
    CHECK(which("!(parent_share >= 0)") == Which{1});
    CHECK(which("0/0 == 0/0").empty());
    CHECK(which("1/0 > 1e300") == kAll);
    CHECK(which("-parent_share < parent_share * 2") == Which{0, 2, 3});
}

TEST_CASE("a wrong expression says where and what was expected", "[explain][expression]") {
    const auto check = [](const std::string& text, const std::string& says) {
        const std::string sentence = refused(text);
        INFO(text << ": " << sentence);
        CHECK(sentence.find(says) != std::string::npos);
        CHECK(sentence.back() == '.');
    };
    check("", "at column 1 a number, a name");
    check("usage >",
          "at column 8 a number, a name, words in quotes or '(' is expected, and the "
          "expression ends");
    check("usage > && 3",
          "at column 9 a number, a name, words in quotes or '(' is expected, not "
          "'&&'");
    check("(usage > 1", "at column 11 an operator or ')' is expected");
    check("usage > 1)", "at column 10 an operator or the end is expected, not ')'");
    check("usage = 1", "at column 7 an operator or the end is expected, not '='");
    check("usage > 3 usage", "at column 11 an operator or the end is expected, not 'usage'");
    check("name == \"half", "at column 9 a quote \" is opened and not closed");
    check("usage > 1e999", "at column 9 a finite number is expected, not '1e999'");
    check("name == '\xc3\xa4\xc3\xb6' && colour > 1", "at column 17 there is no property 'colour'");
    check("usage", "the expression is a number and no comparison");
    check("usage > 'a'",
          "at column 7 '>' takes numbers beside numbers; what stands right of it is "
          "words");
    check("level ~ 3", "at column 7 '~' takes words; what stands right of it is a number");
    check("level + 1 == 2", "at column 7 '+' takes numbers; what stands left of it is words");
    check("0 < usage < 1",
          "at column 11 '<' takes numbers or words; what stands left of it is a "
          "comparison");
    check("usage && 1 < 2",
          "at column 7 '&&' takes comparisons; what stands left of it is a "
          "number");
    check("!usage", "at column 1 '!' takes a comparison; what stands right of it is a number");
    check("-level == 1", "at column 1 '-' takes a number; what stands right of it is words");
    check("a\x01", "not '\x01'");
    check(std::string(5000, ' '), "5000 bytes; it may have 4096");
}

TEST_CASE("expressions nest 64 deep and are as long as they may be", "[explain][expression]") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '(') + "1<2" + std::string(depth, ')');
    };
    CHECK(which(nested(64)) == kAll);
    CHECK(
        refused(nested(65)).find("at column 65 parentheses and signs are nested deeper than 64") !=
        std::string::npos);
    CHECK(refused(std::string(4000, '!')).find("deeper than 64") != std::string::npos);
    CHECK(refused(std::string(4000, '(')).find("deeper than 64") != std::string::npos);
    std::string sum = "0 < 1";
    while (sum.size() < 4094) sum += "+1";
    CHECK(which(sum) == kAll);
}

TEST_CASE("names as expressions have them", "[explain][expression]") {
    CHECK(hsa::written_name("parent share") == "parent_share");
    CHECK(hsa::written_name("odd-name") == "`odd-name`");
    CHECK(hsa::written_name("2nd") == "`2nd`");
    CHECK(hsa::means("parent_share", "parent share"));
    CHECK(hsa::means("parent share", "parent share"));
    CHECK(hsa::means("a_b", "a_b"));
    CHECK_FALSE(hsa::means("parent share", "parent_share"));
    CHECK_FALSE(hsa::means("parent", "parent share"));
}

TEST_CASE("an expression over many things is the same in any chunk", "[explain][expression]") {
    constexpr std::size_t kMany = 5000;
    const std::vector<Field> many = {{"x",
                                      [] {
                                          std::vector<double> all(kMany);
                                          for (std::size_t t = 0; t < kMany; ++t)
                                              all[t] = static_cast<double>(t % 7);
                                          return all;
                                      },
                                      {}},
                                     {"w", {}, [](std::size_t t) { return std::to_string(t); }}};
    Which expected;
    for (std::size_t t = 0; t < kMany; ++t)
        if (t % 7 == 3 && std::to_string(t).find('9') != std::string::npos) expected.push_back(t);
    CHECK(hsa::holds_for(hsa::parse_expression("x == 3 && w ~ '9'"), many, {}, kMany) == expected);
}
