/** Words of one meaning, one group a line. */
export const SAME_MEANING = `
document doc docx
presentation ppt pptx powerpoint slideshow
spreadsheet excel xlsx
image picture photo photograph img
folder directory
repository repo
delete remove erase
create make generate build
get fetch retrieve obtain
search find lookup
convert transform
compute calculate
summarize summary
analyze analyse analysis
recommend recommendation suggest suggestion
url link
website site
webpage page
video clip
movie film
audio sound
paper article
news headline
trending trend trends
rank ranking ranked
latitude longitude coordinate coordinates
nearby near
restaurant dining
recipe dish
stock share ticker
company corporation
crypto cryptocurrency
price cost
location place
train rail railway
flight airline
hotel accommodation lodging
user account
chat conversation
email mail
task todo
note memo
meeting appointment event
color colour
configuration config setting settings
database db
dependency dependencies deps dep
vulnerability vulnerabilities security
documentation docs
example demo sample
chart graph plot diagram
mindmap mind
screenshot capture
browser web
picture image screenshot
time date
weather forecast
translate translation
statistics stats statistic
financial finance economic
treatment therapy
medicine drug medication
markdown md
text txt
python py
javascript js
typescript ts
kubernetes k8s
message msg
number num
maximum max
minimum min
identifier id
authentication auth
application app
organization org
environment env
package pkg
parameter param argument
directory dir
`
