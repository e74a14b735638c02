// SPDX-License-Identifier: MIT
// Draw lists of the ImGui painter, without a window.
#include "tests/widgets/sample_scene.h"
#include "widgets/paint/imgui/scene_painter.h"

#include <imgui.h>

#include <QTest>
#include <algorithm>
#include <cstdint>

using namespace depthscope;
using namespace depthscope::scene;

namespace {

ImTextureID idOf(int number) {
    return (ImTextureID)(std::intptr_t)number;
}

class FakeTextures final : public paint::imgui::TextureCache {
public:
    ImTextureID textureFor(const std::shared_ptr<const Bitmap>&) override { return idOf(7); }

    ImTextureID textureFor(const Video&) override { return idOf(9); }

    paint::imgui::TextImage textFor(const TextRun& run, float) override {
        ++runs;
        paint::imgui::TextImage image;
        image.texture = idOf(9);
        image.advance = static_cast<float>(run.text.size()) * 6;
        image.width = image.advance + 2;
        image.left = -1;
        image.height = 18;
        image.lineHeight = 16;
        image.top = -1;
        image.colored = colored;
        return image;
    }

    int runs = 0;
    bool colored = false;
};

} // namespace

class TestImguiScenePainter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void init();
    void cleanup();

    void heatmapIsOneQuad();
    void clipsBecomeScissors();
    void textIsPlacedOnPixels_data();
    void textIsPlacedOnPixels();
    void emojiKeepTheirColours();
    void longLinesAreWhole();
    void bandsAreQuads();
    void whatIsClippedAwayCostsNothing();
    void sampleSceneDraws();

private:
    void draw(const Scene& scene, float ratio = 1) {
        paint::imgui::paintScene(*m_list, scene, m_textures, ratio);
    }

    ImGuiContext* m_context = nullptr;
    ImDrawList* m_list = nullptr;
    FakeTextures m_textures;
};

void TestImguiScenePainter::initTestCase() {
    m_context = ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {5000, 1000};
    io.DeltaTime = 1.0F / 60;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    unsigned char* pixels = nullptr;
    int width = 0;
    int height = 0;
    io.Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
}

void TestImguiScenePainter::cleanupTestCase() {
    ImGui::DestroyContext(m_context);
}

void TestImguiScenePainter::init() {
    ImGui::NewFrame();
    m_list = ImGui::GetBackgroundDrawList();
    m_textures = {};
}

void TestImguiScenePainter::cleanup() {
    ImGui::Render();
}

void TestImguiScenePainter::heatmapIsOneQuad() {
    Builder b({0, 0, 4200, 200});
    b.image({0, 0, 4096, 12}, tests::sampleBitmap(4096, 12));
    draw(b.take());
    QCOMPARE(m_list->VtxBuffer.Size, 4);
    QCOMPARE(m_list->IdxBuffer.Size, 6);
    QVERIFY(m_list->CmdBuffer.back().TextureId == idOf(7) ||
            m_list->CmdBuffer[m_list->CmdBuffer.Size - 2].TextureId == idOf(7));
}

void TestImguiScenePainter::clipsBecomeScissors() {
    Builder b({0, 0, 100, 100});
    b.pushClip({10, 20, 30, 40});
    b.fill({0, 0, 100, 100}, {1, 2, 3});
    b.popClip();
    draw(b.take());
    const ImDrawCmd* filled = nullptr;
    for (const ImDrawCmd& command : m_list->CmdBuffer) {
        filled = command.ElemCount > 0 ? &command : filled;
    }
    QVERIFY(filled != nullptr);
    QCOMPARE(filled->ClipRect.x, 10.0F);
    QCOMPARE(filled->ClipRect.y, 20.0F);
    QCOMPARE(filled->ClipRect.z, 40.0F);
    QCOMPARE(filled->ClipRect.w, 60.0F);
}

void TestImguiScenePainter::textIsPlacedOnPixels_data() {
    QTest::addColumn<Align>("align");
    QTest::addColumn<float>("x");
    QTest::newRow("left") << Align::Left << 19.0F;
    QTest::newRow("center") << Align::Center << 60.5F;
    QTest::newRow("right") << Align::Right << 101.5F;
}

// A run of three letters is 18 wide; the picture starts one pixel before it.
void TestImguiScenePainter::textIsPlacedOnPixels() {
    QFETCH(Align, align);
    QFETCH(float, x);
    Builder b({0, 0, 200, 100});
    b.text({20.2F, 10, 100.4F, 20}, "abc", {}, {200, 100, 50}, align);
    draw(b.take(), 2);
    QCOMPARE(m_textures.runs, 1);
    const ImDrawVert& first = m_list->VtxBuffer[0];
    QCOMPARE(first.pos.x, x);
    QCOMPARE(first.pos.y, 11.0F);
    QCOMPARE(first.col, IM_COL32(200, 100, 50, 255));
}

void TestImguiScenePainter::emojiKeepTheirColours() {
    m_textures.colored = true;
    Builder b({0, 0, 200, 100});
    b.text({0, 0, 100, 20}, "abc", {}, {200, 100, 50, 128});
    draw(b.take());
    QCOMPARE(m_list->VtxBuffer[0].col, IM_COL32(255, 255, 255, 128));
}

void TestImguiScenePainter::longLinesAreWhole() {
    std::vector<Point> points;
    for (int i = 0; i < 5000; ++i) {
        points.push_back({static_cast<float>(i), i % 2 == 0 ? 100.0F : 900.0F});
    }
    Builder b({0, 0, 5000, 1000});
    b.polyline(points, {0, 0, 0});
    draw(b.take());
    float right = 0;
    for (const ImDrawVert& vertex : m_list->VtxBuffer) {
        right = std::max(right, vertex.pos.x);
    }
    QVERIFY(right >= 4998);
    QVERIFY(m_list->VtxBuffer.Size < 5000 * 4);
}

void TestImguiScenePainter::bandsAreQuads() {
    Builder b({0, 0, 5000, 1000});
    b.band({{0, 10}, {10, 5}, {20, 10}}, {50, 50, 50}, {0, 0, 255});
    draw(b.take());
    QCOMPARE(m_list->VtxBuffer.Size, 6);
    QCOMPARE(m_list->IdxBuffer.Size, 12);
    QCOMPARE(m_list->VtxBuffer[3].pos.x, 10.0F);
    QCOMPARE(m_list->VtxBuffer[3].pos.y, 50.0F);
}

void TestImguiScenePainter::whatIsClippedAwayCostsNothing() {
    Builder b({0, 0, 100, 100});
    for (int i = 0; i < 1000; ++i) {
        b.fill({static_cast<float>(200 + i), 0, 1, 10}, {0, 0, 0});
        b.hatch({static_cast<float>(200 + i), 0, 1, 10}, {0, 0, 0});
    }
    draw(b.take());
    QCOMPARE(m_list->VtxBuffer.Size, 0);
}

void TestImguiScenePainter::sampleSceneDraws() {
    draw(tests::sampleScene(darkTheme()), 1.25F);
    QCOMPARE(m_textures.runs, 3);
    QVERIFY(m_list->VtxBuffer.Size > 50);
    QVERIFY(m_list->VtxBuffer.Size < 1000);
}

QTEST_APPLESS_MAIN(TestImguiScenePainter)
#include "tst_imgui_scene_painter.moc"
