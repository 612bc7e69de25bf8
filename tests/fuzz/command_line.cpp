#include "app/commands/grammar.h"
#include "app/commands/table.h"
#include "app/history_lines.h"
#include "app/options.h"
#include "app/session_file.h"
#include "app/settings.h"
#include "tests/fuzz/fuzz.h"

#include <string>

namespace {

// The words as the arguments of the program. Scripts are named, never read, here.
void parse_as_options(const std::vector<std::string>& words) {
    std::vector<const char*> arguments = {"splatscope"};
    for (const std::string& word : words) {
        if (word == "--help" || word == "-h" || word == "--version") return;  // these print
        arguments.push_back(word.c_str());
    }
    (void)splatscope::parse_options(static_cast<int>(arguments.size()), arguments.data());
}

void parse_as_values(const std::string& word) {
    fuzz::allow_errors([&] { (void)splatscope::parse_range(word, 1000); });
    fuzz::allow_errors([&] { (void)splatscope::parse_size(word); });
    fuzz::allow_errors([&] { (void)splatscope::find_command(word); });
    fuzz::allow_errors([&] { (void)splatscope::parse_splat(word); });
}

}  // namespace

// Lines of commands, words of the command line, and session files, which are scripts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::bytes_of(data, size));
    fuzz::allow_errors([&] { (void)splatscope::read_session("session", text); });
    fuzz::allow_errors([&] {
        const std::vector<std::string> words = splatscope::split_words(text);
        for (const std::string& word : words) parse_as_values(word);
        if (words.size() >= 2) {
            fuzz::allow_errors([&] {
                splatscope::Session session;
                splatscope::set_setting(session, words[0], words[1]);
                const std::string value = splatscope::get_setting(session, words[0]);
                splatscope::Session again;
                splatscope::set_setting(again, words[0], value);
                fuzz::require(splatscope::get_setting(again, words[0]) == value, "set(get(x)) = x");
            });
        }
        fuzz::allow_errors([&] { parse_as_options(words); });
    });
    fuzz::allow_errors([&] { (void)splatscope::read_entry(0, text); });
    return 0;
}
