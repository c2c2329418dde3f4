-- What was delivered is cleared by age.

create index delivery_made on delivery (made);
create index dead_letter_died on dead_letter (died);
