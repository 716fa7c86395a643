/**
 * Words of near meanings in the descriptions of tools and in what people ask for: general English, and the vocabulary
 * of programming interfaces. One group a line; a word may be in several.
 */
export const RELATED = `
get fetch retrieve read obtain load pull download access
get show view display see return
list enumerate browse all
search find query lookup look locate discover seek explore retrieve
create make generate build produce compose construct add new
add insert append attach put include
draw plot chart graph render visualize diagram
write save store persist export output record
save download export
update edit modify change set alter adjust revise patch replace
delete remove drop erase clear destroy discard unlink purge
convert transform translate turn change export render
parse extract scrape crawl pull
compute calculate evaluate determine estimate work
analyze analyse examine inspect study assess evaluate review investigate
check verify validate test ensure confirm
compare diff difference contrast versus
send post publish submit push deliver message notify
run execute start launch invoke perform trigger call
stop kill end terminate abort cancel close halt
open launch start
copy duplicate clone
move rename relocate
merge combine join concatenate unite
split divide separate partition
sort order rank arrange
filter select choose pick
summarize summary abstract overview digest brief
recommend suggest propose advise suggestion recommendation
plan schedule organize itinerary
predict forecast project estimate
monitor watch track observe follow
connect link attach relate
explain describe define detail
detail information info metadata data profile about
statistics stats metric figure number
login signin authenticate
book reserve reservation booking
buy purchase order shop
pay payment charge
price cost quote rate fare fee value
image picture photo photograph img graphic illustration
video clip movie film
audio sound music song track
document doc word docx
presentation slide slideshow powerpoint ppt pptx deck
spreadsheet excel xlsx sheet workbook csv
pdf document
file document
folder directory path
page webpage website site web
url link address uri
html webpage
text content
picture screenshot capture snapshot
paper article publication literature preprint study
news headline article story
trending trend popular hot top
rank ranking leaderboard ladder standing
best top
repository repo project codebase
commit change revision
issue ticket bug
pull merge
user member account person people profile
developer author maintainer contributor
message mail email chat
comment reply remark
note memo
task todo job item
event appointment meeting calendar
time date clock hour day
timezone zone
place location spot venue poi
address location place
coordinate latitude longitude geocode geographic geo
near nearby around surrounding close vicinity
route direction navigation path way
map geographic
distance far length
weather climate temperature rain forecast
city town
country nation
hotel lodging accommodation stay apartment rental
flight plane airline airfare
train rail railway
ticket fare
restaurant food dining cafe
recipe dish meal cook cooking
stock share equity ticker security
company corporation firm business enterprise
crypto cryptocurrency bitcoin coin token
currency exchange forex money
history historical past
latest newest recent current today
finance financial money
dividend payout
earning income profit revenue
balance statement
drug medicine medication
disease illness condition
trial study
gene variant mutation genetic
package library module dependency
version release
vulnerability security cve
documentation docs reference manual guide
example sample demo usage
component widget element
icon symbol logo
color colour
font typeface
table grid
column field
row record entry
database db sql
schema structure
log trace
error failure exception
process program
container docker
server host service
domain dns
node entity
relation relationship edge
memory knowledge
branch fork
random arbitrary shuffle
math arithmetic expression formula
number integer digit
sum total add
word term keyword
transcript caption subtitle
language locale
speech voice spoken
mindmap mind
flowchart flow
game match
player summoner gamer
champion character hero
team squad club
team group
score result
card deck
book novel reading
museum art artwork exhibit
job position vacancy career
product item goods
review rating feedback
discount deal bargain sale cheap
setting configuration config option preference
permission access right
key token secret
code source program script
question problem
answer solution
web internet online
click press tap
type fill enter input
navigate visit open browse goto
template layout
title heading header
paragraph text
bold italic format style
encrypt protect password
backup archive
install setup
deploy rollout
metadata tag label
category genre kind class type
school university college
car vehicle ev
park parking
charging charger charge
path file
ai artificial intelligence llm ml
browser chromium web
wiki wikipedia encyclopedia
write save content text
write add insert edit content
trip travel journey tour itinerary route
attraction sight landmark tourism place
station stop terminal
treatment therapy trial drug cure
research investigate study search
gadget electronics digital technology hardware
deal shopping buy discount bargain
customer client contact lead account
invoice bill receipt
subscription plan membership
refund reimburse return
transfer send wire
balance account
cluster node pod kubernetes
instance vm machine server
bucket storage blob object
function lambda serverless
pipeline workflow build job ci
secret credential password vault
alert alarm notification incident
dashboard panel report
channel room conversation thread
reply respond answer
post tweet status
follower subscriber
like favorite star
playlist album track song artist
episode podcast show
reminder alarm notification
availability free slot busy
deadline due
assign assignee owner
priority severity
epic story sprint milestone
backlog board kanban
approve accept confirm
reject decline deny
pending waiting queue
queue topic message
cache memory redis
index search
query sql select
join merge
export dump backup
import load ingest upload
upload attach
zip compress archive
unzip decompress extract
resize crop scale
rotate flip
thumbnail preview
watermark stamp
sign signature
scan ocr recognize
detect recognize identify
classify categorize label
sentiment emotion opinion
cluster group
similar alike related
embed vector embedding
prompt instruction
agent assistant bot
model llm
thermostat temperature heating
light lamp bulb
door lock
camera surveillance
blood pressure heart
patient person
appointment visit booking
diagnosis diagnose condition
protein structure sequence
molecule compound chemical
star planet space astronomy
satellite orbit
earthquake seismic
air quality pollution
tide wave ocean sea
vote election
law legal statute regulation
court case
patent invention
tax vat duty
loan mortgage credit
insurance policy
property estate house home listing
rent lease
ship shipment delivery parcel courier tracking
inventory stock warehouse
supplier vendor
coupon voucher promo
cart basket checkout
go navigate visit open
`
