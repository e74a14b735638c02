// SPDX-License-Identifier: MIT
// config.json and, behind a line of three dashes, mor_config.json.
#include "engine/spec/config_file.h"
#include "tests/fuzz/fuzz_files.h"

using namespace depthscope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder; // one for all runs
    const std::string_view all = fuzz::viewOf(data, size);
    const std::size_t dashes = all.find("\n---\n");
    static_cast<void>(folder.write("config.json", all.substr(0, dashes)));
    if (dashes == std::string_view::npos) {
        std::filesystem::remove(folder.path() / "mor_config.json");
    } else {
        static_cast<void>(folder.write("mor_config.json", all.substr(dashes + 5)));
    }
    fuzz::readHostile([&] {
        std::vector<std::string> notes;
        const spec::LanguageSpec config = spec::readConfig(folder.path(), notes);
        static_cast<void>(spec::configJson(config, "float32"));
        static_cast<void>(spec::morConfigJson(config));
    });
    return 0;
}
