/**
 * Many public servers describe their tools in Chinese. Words are pairs of characters, as they are indexed.
 * One group a line.
 */
export const IN_CHINESE = `
get 获取 查询 读取
search find query 搜索 查找 检索 查询
create make generate build 创建 生成 新建
add insert 添加 新增
update modify edit 更新 修改 编辑
delete remove 删除 移除
send 发送
list 列表 列出
convert 转换
calculate compute 计算
analyze analysis 分析
recommend 推荐
download 下载
upload 上传
save write 保存 写入
translate 翻译
news 新闻 资讯
trending trend hot popular 热门 热榜 热搜 趋势
rank ranking leaderboard 排行 榜单 排名
image picture photo 图片 图像
file 文件
document 文档
folder directory 目录 文件
page webpage 网页 页面
website site 网站
address location place 地址 位置 地点
city 城市
time date 时间 日期
weather 天气
map 地图
route path 路线 路径
price cost 价格
stock share 股票
user account 用户
game 游戏
character hero role 角色
card 卡片 卡牌
book novel 书籍 小说 读书 图书
movie film 电影
music song 音乐
video 视频
article paper 文章 论文
information info detail 信息 详细 详情
data 数据
name 名称
keyword 关键
recipe dish 菜谱 菜品 食谱
ingredient 食材
ticket 车票 票
train 火车 列车 高铁
station 车站 站点
code 代码
technology tech 科技 技术
apple 苹果
economy economic finance financial 财经 经济 金融
shopping buy goods 购物 商品 消费
sport 体育
community forum 社区
phone mobile 手机
digital electronics 数码 电子
question answer 问题 问答
lunar 农历
calendar 日历 黄历
message 消息
comment 评论
tag label 标签
chart 图表
table 表格
text 文本
language 语言
number 数字 数量
`
