// SPDX-License-Identifier: MIT
#include "app/cli/recorder.h"

#include "engine/recording/writer.h"
#include "engine/runtime/clip_pictures.h"

#include <array>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

namespace depthscope::cli {

namespace {

std::string now() {
    std::array<char, 32> text{};
    const std::time_t time = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

} // namespace

Recorder::Recorder(std::string file)
    : m_file(std::move(file)) {}

Recorder::~Recorder() {
    if (m_writer && m_writer->steps() == 0) {
        m_writer.reset();
        std::error_code ignored;
        std::filesystem::remove(m_file, ignored);
    }
}

void Recorder::begin(const runtime::Prompt& prompt, const settings::LabSettings& settings) {
    if (!wanted()) {
        return;
    }
    recording::RunSetup recipe;
    recipe.prompt = prompt.text;
    recipe.promptIds = prompt.ids;
    recipe.classes = prompt.classes;
    recipe.settings = settings;
    recipe.software = "depthscope-cli " DEPTHSCOPE_VERSION;
    recipe.created = now();
    m_writer = std::make_unique<recording::Writer>(m_file, recipe);
}

void Recorder::see(const runtime::Event& event) {
    const auto* published = std::get_if<runtime::StepPublished>(&event);
    if (m_writer && published != nullptr) {
        m_writer->add(*runtime::packed(published->step));
    }
}

void Recorder::close() {
    if (m_writer) {
        m_writer->close();
        m_writer.reset();
    }
}

} // namespace depthscope::cli
