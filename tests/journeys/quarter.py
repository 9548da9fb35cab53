"""One quarter of one department, from draft to the leader's screen; each step leaves a sentence on the page."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.journeys.desk import attach, choose_entry, confirm, kept, says, write, write_items

FILING = "环保局 2020年第4季度报送"
TASK = "深化工业废气治理"
RATE = "空气质量优良天数比率"

ITEMS = {
    "印染、化工、涂装企业挥发性有机物整治": "100",
    "重点企业挥发性有机物在线监控联网": "100",
    "锅炉烟气超低排放稳定运行监管": "100",
    "化工园区挥发性有机物走航监测": "100",
}
UNFINISHED = "印染、化工、涂装企业挥发性有机物整治"  # four tenths of the weight: 90% of it makes 96% in all

FIRST = {
    "自评亮灯": "已完成",
    "进展状态": "按计划进行",
    "进展情况": "年度废气治理项目全部完工，在线监控全部联网。",
}
MENDED = {
    "自评亮灯": "正常",
    "进展情况": "年度废气治理项目完工 24 个，在建 1 个，在线监控已联网 24 个点位。",
    "存在问题": "1 个项目设备到货推迟。",
    "原因": "供货单位排产延后。",
    "下一步计划": "督促企业到货后十日内完成安装联网。",
    "下一步计划时限": "2021-01-31",
}
OTHERS = {
    "健全环境风险管控体系": {
        "本年完成比例": "100",
        "自评亮灯": "已完成",
        "进展状态": "按计划进行",
        "进展情况": "应急预案修编、演练和物资更新均已完成。",
    },
    "PM2.5浓度": {"数据状态": "有数据", "数值": "33.2"},
    RATE: {"数据状态": "有数据", "分子": "80", "分母": "92"},
}
REASON = "年度台账显示有 1 个项目仍在建，完成比例请按台账核实。"


@dataclass
class Quarter:
    """The journey on one server. `visit` signs an account in; `settle` waits until queued jobs have run."""

    visit: Callable[[str], Page]
    settle: Callable[[], None]

    def run(self) -> None:
        """From the draft with four entries missing to the leader's screen."""
        cockpit, indicator, task = self.leader_looks()
        filer = self.visit("hbj.tb")
        self.file_what_is_missing(filer)
        approver = self.visit("hbj.qf")
        self.sign(approver)
        office = self.visit("mlb.sh1")
        self.return_one_entry(office)
        self.settle()
        self.accepted_entries_count_at_once(cockpit, indicator, task)
        self.mend(filer)
        self.sign(approver)
        self.accept(office)
        self.settle()
        self.leader_sees_the_new_figures(cockpit, task)

    def leader_looks(self) -> tuple[Page, Page, Page]:
        cockpit = self.visit("ld")
        cockpit.goto("/cockpit/?live=1")
        indicator, task = (cockpit.context.new_page() for _ in range(2))
        indicator.goto("/indicators/?live=1")
        indicator.get_by_role("link", name=RATE).click()
        task.goto("/actions/?live=1")
        task.get_by_role("link", name=TASK).click()
        says(cockpit, "48 项任务 2 项正常", "到期目标达标 1/92 项", "已报 5/31 家，采纳 22/348 项")
        says(indicator, "要求到2020年12月31日≥83%，已到期，2020年四季度未填报", "已报 15/16 季")
        says(task, "牵头单位未填报", "已采纳 1/4 项")
        return cockpit, indicator, task

    def file_what_is_missing(self, filer: Page) -> None:
        says(filer, "本季应报 64 项，已填 60 项，还有 4 项。")
        filer.get_by_role("link", name="继续填报").click()
        for title, values in {TASK: FIRST, **OTHERS}.items():
            choose_entry(filer, title)
            if title == TASK:
                write_items(filer, ITEMS)
            write(filer, values)
            kept(filer)
            if values.get("自评亮灯") == "已完成":  # to be proved
                attach(filer, f"{title}验收意见.pdf")
        expect(filer.locator("[data-part=bar]")).to_contain_text("已填 64/64 项")
        filer.get_by_label("单位审核人").fill("周立群")
        filer.get_by_role("button", name="提交签发").click()
        says(filer, f"{FILING}已提交签发。签发前需要修改的，可以撤回。")

    def sign(self, approver: Page) -> None:
        approver.goto("/filings/signing/")
        says(approver, "有 1 份报送等待您签发。")
        approver.get_by_role("link", name="查看并签发").click()
        confirm(approver, "签发后即报美丽办，签发前请确认内容属实。确定签发吗？", "签发报送")
        says(approver, f"{FILING}已签发，报美丽办审核。")

    def open_review(self, office: Page) -> None:
        office.goto("/filings/queue/")
        office.get_by_role("row", name="环保局").get_by_role("link", name="审核").click()

    def return_one_entry(self, office: Page) -> None:
        self.open_review(office)
        choose_entry(office, TASK)
        office.locator(".decide").get_by_label("退回原因").select_option(label="R02 数据与佐证不一致")
        office.locator(".decide").get_by_label("退回意见").fill(REASON)
        office.get_by_role("button", name="退回本项").click()
        confirm(office, "采纳其余 63 项？", "全部无异议的采纳（63 项）")
        says(office, "已采纳其余 63 项，请完成审核。")
        confirm(office, "退回 1 项，环保局改正后重新报送。完成审核？", "完成审核（退回 1 项）")
        says(office, f"{FILING}审核完成，已退回，请改正后重新报送。")

    def accepted_entries_count_at_once(self, cockpit: Page, indicator: Page, task: Page) -> None:
        for page in cockpit, indicator, task:
            page.reload()
        says(
            cockpit,
            "48 项任务 12 项正常、1 项严重滞后",
            "到期目标达标 19/92 项",
            "已报 6/31 家，采纳 85/348 项",
            "已退回 2 家",
        )
        says(
            indicator, "要求到2020年12月31日≥83%，2020年四季度实际 84.7%，已达标", "已报 16/16 季", "80 ÷ 92"
        )
        says(task, "牵头单位填报被退回，尚未改正", "已采纳 1/4 项")

    def mend(self, filer: Page) -> None:
        filer.goto("/filings/")
        says(filer, "其中 1 项被退回，须改正后再报", REASON, "R02 数据与佐证不一致")
        filer.get_by_role("link", name="改正退回的 1 项").click()
        says(filer, "审核退回：R02 数据与佐证不一致", REASON)
        expect(filer.get_by_label(UNFINISHED)).to_have_value("100")
        write_items(filer, {UNFINISHED: "90"})
        write(filer, MENDED)
        kept(filer)
        filer.get_by_role("button", name="提交签发").click()
        says(filer, f"{FILING}已提交签发。签发前需要修改的，可以撤回。")

    def accept(self, office: Page) -> None:
        self.open_review(office)
        choose_entry(office, TASK)
        office.get_by_role("button", name="采纳本项").click()
        confirm(office, "全部采纳。完成审核？", "完成审核（全部采纳）")
        says(office, f"{FILING}审核完成，已全部采纳。")

    def leader_sees_the_new_figures(self, cockpit: Page, task: Page) -> None:
        for page in cockpit, task:
            page.reload()
        says(
            cockpit,
            "48 项任务 12 项正常、2 项严重滞后",
            "已报 6/31 家，采纳 86/348 项",
            "已采纳 2 家",
        )
        says(
            task,
            "本年完成 96%，年度计划应达 100%，落后 4.0 个百分点，不超过 10；上一季度也滞后，连续两季，记严重滞后",
            "已采纳 2/4 项",
            MENDED["进展情况"],
            "环保局2020年四季度报送，第2次报送",
        )
