/** Words that say nothing of what is sought: function words, and those of asking. */
export const STOP_WORDS = `
a an the this that these those it its they them their there here he she his her i me my mine we us our you
your is are was were be been being am do does did done has have had having will would shall should can could
may might must and or but if then else so than as of in on at by for from to into onto with without within
about over under between through during before after above below up down out off again once not no nor only
own same too very just also what which who whom whose when where why how each every any some such other
another both few more most please help want need like know tell give let lets wish hope trying try going go
using use used via based per etc eg ie ok hi hello thanks thank able something anything everything someone s
t d ll m re ve don won isn aren doesn
`

/** Words that any request may hold, whatever it is about. */
export const WEAK_WORDS = `
information info data detail detailed details thing things today todays now current currently recent
recently latest new newest last past next week month year day tomorrow yesterday top best good related
relevant relate different various multiple several single specific specified particular certain given
available possible appropriate proper suitable main major key important popular common general overall
comprehensive complete full whole entire total all any every world people person way ways kind type types
example examples first second third one two three four five ten result results output name names named
called title titled well high low large small big simple quick easy easily directly include includes
including included contain containing provide provides provided such make follow following etc area field
platform platforms set sets across around report summary content contents number numbers list lists
`

/** What is done with a thing tells less than the thing. */
export const VERBS = `
get fetch retrieve read obtain load show view display see list find search look lookup locate check query
browse create make generate build produce add insert write save store update edit modify change set delete
remove convert transform turn use run execute start open call perform do go give tell help take put bring
keep work recommend suggest analyze analyse examine compare identify determine gather collect prepare
arrange organize choose select ensure verify validate compute calculate summarize explain describe introduce
provide return download extract plan draft begin try
`
